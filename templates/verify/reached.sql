--# The keys that the next refresh would compute again, by its own queries. `reach.graph`: where that refresh would leave
--# the graph neither as it stands nor as it must be, the keys are those by the graph that it would leave.
--% from 'macros/cte.sql' import cte
--% set graph = reach.graph
--% if graph
{{ cte(graph.window, graph.window_query) | trim }},
{{ cte(graph.affected, graph.affected_rows) | trim }},
--% set left
SELECT
--% for column in graph.table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ graph.recomputed }} AS new
WHERE EXISTS (SELECT 1 FROM {{ graph.affected }} AS a WHERE a.segment_id = new.segment_id)

UNION ALL

SELECT
--% for column in graph.table.columns
    old.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ graph.table.name }} AS old
WHERE NOT EXISTS (SELECT 1 FROM {{ graph.affected }} AS a WHERE a.segment_id = old.segment_id)
--% endset
{{ cte(graph.refreshed, left) | trim }},
--% endif
{{ cte(reach.window, reach.window_query) | trim }},
{{ cte(reach.affected, reach.affected_rows) | trim }}
