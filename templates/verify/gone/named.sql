    SELECT
        {{ 'u.segment_id' | exact }},
        0
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL

    UNION ALL

    SELECT
        {{ 'u.canonical_segment_id' | exact }},
        0
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
