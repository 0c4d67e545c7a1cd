--# A UNION ALL would read the landed table once for every trait, and bill for that.
-- Landed traits in long form, a row for each value, from one pass over the landed table.
long AS (
    SELECT
        t.segment_id,
        pair.name,
        pair.value,
        {{ 't.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ') AS seq' }},
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM {{ traits_from.name }} AS t
--% for trait in traits
--% if loop.first
    CROSS JOIN UNNEST([
--% endif
        STRUCT({{ trait.literal }} AS name, {{ sql.to_text(x='t.' ~ trait.name, type=trait.logical_type) }} AS value){{ "," if not loop.last }}
--% if loop.last
    ]) AS pair
    WHERE t.segment_id IS NOT NULL
      AND pair.value IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = t.segment_id)
--% endif
--% endif
--% else
    CROSS JOIN UNNEST([STRUCT(CAST(NULL AS STRING) AS name, CAST(NULL AS STRING) AS value)]) AS pair
    WHERE FALSE
--% endfor
),
