--# The refresh of an incremental model, once it is known what to read.
--% with name = affected, on = affected_on[0][1]
--% include 'work_table.sql'
--% endwith
--% include affected_query

--% if steps
{{ steps }}

--% endif
--% if can.merge
--% include 'merge/built.sql'
--% else
--% with name = built, on = affected_on[0][0]
--% include 'work_table.sql'
--% endwith
{{ query }};
--% endif

--% if is_graph
--% with name = told, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
--% include 'told.sql'

--% endif
--% if can.transactions and not can.one_snapshot
BEGIN TRANSACTION;

--% endif
--% if is_graph
--% include 'begin_anew.sql'

--% endif
--% if can.merge
--% include 'merge/replace_affected.sql'
--% else
--% include 'replace_affected.sql'
--% endif

--% include 'read_to_here.sql'
--% if can.transactions

COMMIT;
--% endif
