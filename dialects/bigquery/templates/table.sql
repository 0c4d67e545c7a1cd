CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} OPTIONS (description = {{ column.comment }}){{ "," if not loop.last }}
--% endfor
)
CLUSTER BY {{ table.lookups[0].column }}
OPTIONS (description = {{ table.comment }});

--% for column in table.configured
--% if loop.first
-- What the project has gained since the table was made.
ALTER TABLE {{ table.name }}
--% endif
    ADD COLUMN IF NOT EXISTS {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} OPTIONS (description = {{ column.comment }}){{ ";" if loop.last else "," }}
--% endfor

-- Built apart, since MERGE takes no WITH RECURSIVE.
CREATE OR REPLACE TEMP TABLE {{ built }} AS
{{ query }};

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO {{ table.name }} AS old
USING {{ built }} AS built
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
