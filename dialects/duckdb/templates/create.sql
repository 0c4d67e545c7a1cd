--% include 'templates/landed_table.sql'

--% for column in table.configured
--% if loop.first
--% include 'forget_missing.sql'
-- What the project has gained since the table was made.
--% endif
ALTER TABLE {{ table.name }} ADD COLUMN IF NOT EXISTS {{ column.name | pad(table.width) }} {{ column.type }};
--% endfor

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
