--# More rows than a million are an error there unless what reads them has a limit of its own, and ALL is one.
--% from 'templates/macros/recursion.sql' import about as levels
--% macro about()
{{ levels() | trim }} LIMIT ALL takes away another limit, of 1,000,000 rows.
--% endmacro

--% macro found(name)
(SELECT * FROM {{ name }} LIMIT ALL)
--% endmacro
