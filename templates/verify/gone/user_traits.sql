-- Values of profiles that have no row of traits.
SELECT kept.canonical_segment_id
FROM {{ table.name }} AS kept
LEFT JOIN (
    SELECT DISTINCT coalesce(g.canonical_segment_id, {{ 'u.segment_id' | exact }}) AS canonical_segment_id
    FROM {{ traits_from.name }} AS u
    LEFT JOIN {{ models.id_graph }} AS g
        ON g.segment_id = {{ 'u.segment_id' | exact }}
    WHERE u.segment_id IS NOT NULL
) AS seen
    ON seen.canonical_segment_id = kept.canonical_segment_id
WHERE seen.canonical_segment_id IS NULL
  AND kept.canonical_segment_id IS NOT NULL
