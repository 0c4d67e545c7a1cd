-- Values of profiles that have no row of traits.
SELECT
    b.canonical_segment_id,
    count(*) AS standing
FROM (
    SELECT
        kept.canonical_segment_id,
        1 AS is_kept
    FROM {{ table.name }} AS kept
    WHERE kept.canonical_segment_id IS NOT NULL

    UNION ALL

    SELECT
        coalesce(g.canonical_segment_id, {{ 'u.segment_id' | exact }}),
        0
    FROM {{ traits_from.name }} AS u
    LEFT JOIN {{ models.id_graph }} AS g
        ON g.segment_id = {{ 'u.segment_id' | exact }}
    WHERE u.segment_id IS NOT NULL
) AS b
GROUP BY b.canonical_segment_id
HAVING min(b.is_kept) = 1
