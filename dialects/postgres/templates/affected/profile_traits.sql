--% include 'affected/changed_traits.sql'
-- And all that belong to the same profile as one of them. With that profile, so that it need not be looked up again.
together AS (
    SELECT
        c.segment_id,
        NULL AS canonical_segment_id
    FROM changed AS c

    UNION ALL

    SELECT
        member.segment_id,
        member.canonical_segment_id
    FROM {{ models.id_graph }} AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM changed AS c
        JOIN {{ models.id_graph }} AS own ON own.segment_id = c.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.canonical_segment_id,
        g.canonical_segment_id
    FROM {{ table.name }} AS kept
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = kept.canonical_segment_id
    WHERE (SELECT w.is_first FROM {{ window }} AS w)
)
SELECT
    t.segment_id,
    max(t.canonical_segment_id) AS canonical_segment_id
FROM together AS t
GROUP BY t.segment_id;
