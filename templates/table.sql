--% include 'create.sql'

BEGIN;

DELETE FROM {{ table.name }};

INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};

COMMIT;
