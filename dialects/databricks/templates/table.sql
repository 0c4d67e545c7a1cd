--% include 'create.sql'

--% if steps
{{ steps }}

--% endif
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
INSERT OVERWRITE TABLE {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};
