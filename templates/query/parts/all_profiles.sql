-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
--% for trait in traits
    l.{{ trait.name }},
--% endfor
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
--% include 'query/parts/affected_graph.sql'
FULL JOIN {{ latest if latest is defined else 'latest' }} AS l ON l.canonical_segment_id = g.segment_id
