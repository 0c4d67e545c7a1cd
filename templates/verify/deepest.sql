SELECT coalesce(max(d.depth), 0) AS deepest
FROM {{ depths }} AS d;
