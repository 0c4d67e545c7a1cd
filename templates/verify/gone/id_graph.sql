-- Profiles that no entry names.
SELECT kept.segment_id
FROM {{ table.name }} AS kept
LEFT JOIN (
    SELECT {{ 'u.segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL

    UNION ALL

    SELECT {{ 'u.canonical_segment_id' | exact }} AS segment_id
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
) AS named
    ON named.segment_id = kept.segment_id
WHERE named.segment_id IS NULL
  AND kept.segment_id IS NOT NULL
