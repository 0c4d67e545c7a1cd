--# NOT <>, since an equality leads some planners from a large profile's id to all of its rows, for each of them.
SELECT
    g.segment_id,
    g.canonical_segment_id
FROM {{ stands.id_graph }} AS g
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ stands.id_graph }} AS c
    WHERE c.segment_id = g.canonical_segment_id
      AND NOT c.canonical_segment_id <> c.segment_id
)
