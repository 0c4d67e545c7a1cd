-- Profiles that neither an entry nor a row of traits names.
SELECT kept.canonical_segment_id
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

    UNION ALL

    SELECT {{ 'u.segment_id' | exact_column }}
    FROM {{ traits_from.name }} AS u
    WHERE u.segment_id IS NOT NULL
) AS named
    ON named.segment_id = kept.canonical_segment_id
WHERE named.segment_id IS NULL
  AND kept.canonical_segment_id IS NOT NULL
