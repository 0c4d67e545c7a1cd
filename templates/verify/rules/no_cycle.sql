SELECT d.segment_id
FROM {{ depths }} AS d
WHERE d.depth IS NULL
