--% include 'create.sql'

--% if steps
{{ steps }}

--% endif
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO {{ table.name }} AS old
USING (
    {{ query | indent(4) }}
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
--% for column in table.columns
        {{ column.name }}{{ "," if not loop.last }}
--% endfor
    )
    VALUES (
--% for column in table.columns
        built.{{ column.name }}{{ "," if not loop.last }}
--% endfor
    );
