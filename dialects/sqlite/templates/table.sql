--% include 'create.sql'

BEGIN IMMEDIATE;

--% if is_incremental
-- Noted before they are read.
--% include 'read_to_here.sql'

--% endif
DELETE FROM {{ table.name }};

--% include 'insert_into.sql'
{{ query }};

COMMIT;

--% include 'lookups.sql'
