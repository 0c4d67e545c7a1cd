--% if affected_resolved is defined and affected_resolved
FROM (
    SELECT a.*
    FROM {{ affected_resolved }} AS a
    WHERE a.canonical_segment_id IS NOT NULL
) AS g
--% else
--% include 'templates/query/parts/affected_graph.sql'
--% endif
