SELECT
    g.segment_id,
    g.canonical_segment_id
FROM {{ stands.id_graph }} AS g
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ stands.id_graph }} AS c
    WHERE c.segment_id = g.canonical_segment_id
      AND c.canonical_segment_id = c.segment_id
)
