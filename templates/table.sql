--% include 'create.sql'

BEGIN;

--% include 'lock.sql'
DELETE FROM {{ table.name }};

--% include 'insert_into.sql'
{{ query }};

COMMIT;
