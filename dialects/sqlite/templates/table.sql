--% include 'model_table.sql'

BEGIN IMMEDIATE;

DELETE FROM {{ table.name }};

INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};

COMMIT;

--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ schema }}.{{ lookup.index }}
    ON {{ table.bare }} ({{ lookup.column }});
--% endfor
