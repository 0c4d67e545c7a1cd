--% include 'create.sql'

--% include 'lookups.sql'

BEGIN IMMEDIATE;

DROP TABLE IF EXISTS temp.{{ window }};
DROP TABLE IF EXISTS temp.{{ affected }};
DROP TABLE IF EXISTS temp.{{ built }};
--% if is_graph
DROP TABLE IF EXISTS temp.{{ told }};
--% endif

CREATE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

-- Each row that is looked up in it would read all of it otherwise.
CREATE INDEX temp.{{ affected }}_idx
    ON {{ affected }} ({{ affected_on | map('last') | join(', ') }});

CREATE TEMPORARY TABLE {{ built }} AS
{{ query }};

--% if is_graph
CREATE TEMPORARY TABLE {{ told }} AS
--% include 'told.sql'

--% include 'begin_anew.sql'

--% endif
--% include 'without_key.sql'

--% include 'replace_affected.sql'

--% include 'read_to_here.sql'

COMMIT;
