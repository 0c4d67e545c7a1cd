--% from 'macros/later.sql' import latest_first
-- A landed row is a snapshot: the latest one of a profile decides every trait.
numbered AS (
    SELECT
        t.*,
        coalesce(g.canonical_segment_id, {{ 't.segment_id' | exact }}) AS canonical_segment_id,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, {{ 't.segment_id' | exact }})
            ORDER BY
                {{ latest_first('t', traits_from.later) | trim | indent(16) }}
        ) AS {{ recency }}
    FROM {{ traits_from.name }} AS t
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 't.segment_id' | exact }}
    WHERE t.segment_id IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = {{ 't.segment_id' | exact }})
--% endif
),
--# A UNION ALL may be of so many SELECTs: more traits are in several parts.
--% set parts = traits | batch(max_selects or traits | length + 1) | list
--% for part in parts
trait{{ '_' ~ loop.index if parts | length > 1 }} AS (
--% for trait in part
    SELECT {{ trait.literal | exact }} AS name{{ " UNION ALL" if not loop.last }}
--% endfor
),
--% else
trait AS (
    SELECT CAST(NULL AS {{ types.varchar }}) AS name
),
--% endfor
--% if parts | length > 1
trait AS (
--% for part in parts
    SELECT p.name FROM trait_{{ loop.index }} AS p{{ " UNION ALL" if not loop.last }}
--% endfor
),
--% endif
-- In long form: a row for each trait, set or not.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
--% for trait in traits
            WHEN k.name = {{ trait.literal }} THEN {{ sql.to_text(x='n.' ~ trait.name, type=trait.logical_type) }}
--% else
            WHEN 1 = 0 THEN k.name
--% endfor
        END AS value,
        {{ 'n.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ') AS seq' }},
        n.received_at,
        n.uuid_ts,
        n.timestamp
    FROM numbered AS n
    CROSS JOIN trait AS k
    WHERE n.{{ recency }} = 1
)
