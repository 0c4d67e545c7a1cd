--# What a reader of a query that recurses must know where the warehouse sets a limit, and how its rows are read from outside.
--% macro about()
-- It recurses, and fails after {{ max_levels }} levels. A level is a merge that Segment has not repeated for the profiles below it;
-- where there are more, let id_graph be a table.
--% endmacro

--% macro found(name)
{{ name }}
--% endmacro
