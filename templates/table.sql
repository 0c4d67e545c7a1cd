--% include 'create.sql'

BEGIN;

DELETE FROM {{ table.name }};

--% include 'insert_into.sql'
{{ query }};

COMMIT;
