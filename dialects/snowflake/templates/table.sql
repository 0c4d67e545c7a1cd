--% include 'landed_table.sql'

--% for column in table.configured
--% if loop.first
-- What the project has gained since the table was made.
--% endif
ALTER TABLE {{ table.name }} ADD COLUMN IF NOT EXISTS {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} COMMENT {{ column.comment }};
--% endfor

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};
