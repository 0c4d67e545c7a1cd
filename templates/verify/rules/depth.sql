SELECT
    d.segment_id,
    d.depth
FROM {{ depths }} AS d
WHERE d.depth > {{ bounds.depth }}
