SELECT
    g.canonical_segment_id,
    count(*) AS merges
FROM {{ models.id_graph }} AS g
WHERE g.segment_id <> g.canonical_segment_id
GROUP BY g.canonical_segment_id
HAVING count(*) > {{ bounds.merges }}
