--% include 'create.sql'

--% if can.one_snapshot
BEGIN TRANSACTION;

--% endif
CREATE OR REPLACE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE OR REPLACE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

CREATE OR REPLACE TEMPORARY TABLE {{ built }} AS
{{ query }};

--% if not can.one_snapshot
BEGIN TRANSACTION;

--% endif
--% include 'replace_affected.sql'

--% include 'read_to_here.sql'

COMMIT TRANSACTION;
