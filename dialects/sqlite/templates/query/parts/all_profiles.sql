--# SQLite takes a thousand tables in a statement, and counts those of a view or common table expression each time it
--# is named: in a view over views, each is named as seldom as can be.
--% if in_view
--% include 'templates/query/parts/all_profiles.sql'
--% else
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet. Not a FULL JOIN,
-- which SQLite does without an index: each row of one side with every row of the other.
SELECT
    g.segment_id AS canonical_segment_id,
--% for trait in traits
    l.{{ trait.name }},
--% endfor
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
--% include 'query/parts/affected_graph.sql'
LEFT JOIN latest AS l ON l.canonical_segment_id = g.segment_id

UNION ALL

SELECT
    l.canonical_segment_id,
--% for trait in traits
    l.{{ trait.name }},
--% endfor
    NULL
FROM latest AS l
WHERE NOT EXISTS (SELECT 1 FROM {{ models.id_graph }} AS g WHERE g.segment_id = l.canonical_segment_id)
--% endif
