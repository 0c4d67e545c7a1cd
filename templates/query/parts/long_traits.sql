--# A UNION ALL may be of so many SELECTs: more traits are in several parts.
--% set parts = traits | batch(max_selects or traits | length + 1) | list
-- Landed traits in long form: a row for each value.
--% for part in parts
long{{ '_' ~ loop.index if parts | length > 1 }} AS (
--% for trait in part
    SELECT
        {{ 't.segment_id' | exact_column }},
        {{ trait.literal | exact }} AS name,
        {{ sql.to_text(x='t.' ~ trait.name, type=trait.logical_type) }} AS value,
        {{ 't.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ') AS seq' }},
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM {{ trait.read_from }} AS t
    WHERE t.segment_id IS NOT NULL
      AND t.{{ trait.name }} IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = {{ 't.segment_id' | exact }})
--% endif
--% if not loop.last

    UNION ALL

--% endif
--% endfor
),
--% else
long AS (
    SELECT
        {{ 't.segment_id' | exact_column }},
        CAST(NULL AS {{ types.varchar }}) AS name,
        CAST(NULL AS {{ types.varchar }}) AS value,
        {{ 't.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ') AS seq' }},
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM {{ traits_from.name }} AS t
    WHERE 1 = 0
),
--% endfor
--% if parts | length > 1
long AS (
--% for part in parts
    SELECT p.* FROM long_{{ loop.index }} AS p{{ " UNION ALL" if not loop.last }}
--% endfor
),
--% endif
