--% include 'create.sql'

BEGIN IMMEDIATE;

DELETE FROM {{ table.name }};

--% include 'insert_into.sql'
{{ query }};
--% if is_incremental

--% include 'read_to_here.sql'
--% endif

COMMIT;

--% include 'lookups.sql'
