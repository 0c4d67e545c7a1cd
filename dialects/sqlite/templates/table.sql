--% include 'create.sql'

BEGIN IMMEDIATE;

--% if is_incremental
DROP TABLE IF EXISTS temp.{{ window }};

-- How far the landed tables are read, noted before they are.
CREATE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

--% endif
DELETE FROM {{ table.name }};

--% include 'insert_into.sql'
{{ query }};
--% if is_incremental

--% include 'read_to_here.sql'
--% endif

COMMIT;

--% include 'lookups.sql'
