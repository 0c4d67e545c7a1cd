SELECT g.canonical_segment_id
FROM {{ stands.id_graph }} AS g
WHERE g.segment_id = (SELECT w.segment_id FROM {{ wanted }} AS w);
