--# What the rules about landed rows read besides the tables that are right: models as they must be, and how many entries
--# lead from each merged profile to its canonical one, NULL for one that runs into a cycle.
--% from 'macros/cte.sql' import cte
--% from 'macros/graph.sql' import entries
--% from 'macros/merges.sql' import merges
--% for model in recomputed
{{ cte(model.name, model.query) | trim }},
--% endfor
{{ depths }} AS (
    WITH RECURSIVE
    entry AS (
        {{ entries(none, in_order=false) | trim | indent(8) }}
    ),
    merged AS (
        {{ merges('entry', in_order=false) | trim | indent(8) }}
    ),
    way{{ ' (segment_id, depth)' if can.name_recursive_columns }} AS (
        SELECT
            m.segment_id,
            1 AS depth
        FROM merged AS m
        WHERE NOT {{ sql.is_true(x='m.goes_on') }}

        UNION ALL

        SELECT
            m.segment_id,
            w.depth + 1
        FROM way AS w
        JOIN merged AS m
            ON  m.canonical_segment_id = w.segment_id
            AND {{ sql.is_true(x='m.goes_on') }}
    )
    SELECT
        e.segment_id,
        max(e.depth) AS depth
    FROM (
        SELECT w.segment_id, w.depth FROM way AS w UNION ALL
        SELECT m.segment_id, NULL FROM merged AS m
    ) AS e
    GROUP BY e.segment_id
)
