--% include 'create.sql'

--% include 'lookups.sql'

BEGIN IMMEDIATE;

DROP TABLE IF EXISTS temp.{{ window }};
DROP TABLE IF EXISTS temp.{{ affected }};
DROP TABLE IF EXISTS temp.{{ built }};

CREATE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

CREATE TEMPORARY TABLE {{ built }} AS
{{ query }};

--% include 'replace_affected.sql'

--% include 'read_to_here.sql'

COMMIT;
