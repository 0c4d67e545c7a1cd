--% include 'create.sql'

CREATE OR REPLACE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE OR REPLACE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

CREATE OR REPLACE TEMPORARY TABLE {{ built }} AS
{{ query }};

BEGIN TRANSACTION;

--% include 'replace_affected.sql'

--% include 'read_to_here.sql'

COMMIT TRANSACTION;
