--% if affected
FROM (
    SELECT g.*
    FROM {{ models.id_graph }} AS g
    WHERE EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = g.segment_id)
) AS g
--% else
FROM {{ models.id_graph }} AS g
--% endif
