INSERT INTO {{ depths }} (
    segment_id,
    depth
)
WITH RECURSIVE
--% include 'verify/entries.sql'
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
    m.segment_id,
    max(w.depth)
FROM merged AS m
LEFT JOIN way AS w ON w.segment_id = m.segment_id
GROUP BY m.segment_id;
