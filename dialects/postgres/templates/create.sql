--% if table.name == objects
--% include 'record/trust.sql'
--% else
--% include 'record/guard.sql'
--% endif

CREATE TABLE {{ "IF NOT EXISTS " if is_new is undefined or not is_new }}{{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last or table.primary_key }}
--% endfor
--% if table.primary_key
    PRIMARY KEY ({{ table.primary_key | join(', ') }})
--% endif
);

--% if table.name != objects
--% include 'record/made.sql'

--% endif
--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
