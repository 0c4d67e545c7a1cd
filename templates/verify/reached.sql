--# The keys that the next refresh would compute again, by its own queries: common table expressions, or with `reach_is_made`
--# tables of their own, where a query may not name so many. `reach.graph`: where that refresh would leave the graph neither
--# as it stands nor as it must be, the keys are those by the graph that it would leave.
--% from 'macros/cte.sql' import cte
--% set graph = reach.graph
--% set parts = [[reach.window, reach.window_query], [reach.affected, reach.affected_rows]]
--% if graph
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
--% set parts = [[graph.window, graph.window_query], [graph.affected, graph.affected_rows], [graph.refreshed, left]] + parts
--% endif
--% for name, query in parts
--% if reach_is_made
DROP TABLE IF EXISTS temp.{{ name }};

CREATE TEMPORARY TABLE {{ name }} AS
{{ query | trim }};

--% else
{{ cte(name, query) | trim }}{{ "," if not loop.last }}
--% endif
--% endfor
