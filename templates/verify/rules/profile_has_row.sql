SELECT g.segment_id
FROM {{ stands.id_graph }} AS g
WHERE NOT EXISTS (SELECT 1 FROM {{ stands.profile_traits }} AS p WHERE p.canonical_segment_id = g.segment_id)
