--% include 'create.sql'

--% if can.one_snapshot
BEGIN TRANSACTION;

--% endif
--% with name = window, on = none
--% include 'work_table.sql'
--% endwith
--% include 'window.sql'

--% with name = affected, on = affected_on[0][1]
--% include 'work_table.sql'
--% endwith
--% include affected_query

--% if steps
{{ steps }}

--% endif
--% with name = built, on = affected_on[0][0]
--% include 'work_table.sql'
--% endwith
{{ query }};

--% if not can.one_snapshot
BEGIN TRANSACTION;

--% endif
--% include 'replace_affected.sql'

--% include 'read_to_here.sql'

COMMIT;
