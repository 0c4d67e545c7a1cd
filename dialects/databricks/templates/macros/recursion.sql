--# As the base's. More rows than a million are an error there unless what reads them has a limit of its own, and ALL is one.
--% macro about()
-- It recurses, and fails after {{ max_levels }} levels. A level is a merge that Segment has not repeated for the profiles below it;
-- where there are more, let id_graph be a table. LIMIT ALL takes away another limit, of 1,000,000 rows.
--% endmacro

--% macro found(name)
(SELECT * FROM {{ name }} LIMIT ALL)
--% endmacro
