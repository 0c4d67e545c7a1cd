CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} OPTIONS (description = {{ column.comment }}){{ "," if not loop.last }}
--% endfor
)
--% if table.lookups
CLUSTER BY {{ table.lookups[0].column }}
--% endif
OPTIONS (description = {{ table.comment }}, labels = [('built_by', 'idgraph')]);

--% for column in table.configured
--% if loop.first
--% include 'forget_missing.sql'
-- What the project has gained since the table was made.
ALTER TABLE {{ table.name }}
--% endif
    ADD COLUMN IF NOT EXISTS {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} OPTIONS (description = {{ column.comment }}){{ ";" if loop.last else "," }}
--% endfor
