--% from 'macros/window.sql' import read
WITH
--% include 'affected/named.sql'
-- And all that belong to the same profile as one of them: their way may lead through it.
together AS (
    SELECT
        n.segment_id,
        1 AS is_named
    FROM named AS n

    UNION ALL

    SELECT
        member.segment_id,
        0
    FROM {{ models.id_graph }} AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM named AS n
        JOIN {{ models.id_graph }} AS own ON own.segment_id = n.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.segment_id,
        0
    FROM {{ table.name }} AS kept
    WHERE {{ sql.is_true(x=read(window, 'is_first') | trim) }}
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;
