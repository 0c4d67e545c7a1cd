--% include 'create.sql'

--% if can.transactions and can.one_snapshot
BEGIN TRANSACTION;

--% include 'lock.sql'
--% endif
--% with name = window, on = none
--% include 'work_table.sql'
--% endwith
--% include 'window.sql'

--% include 'refresh.sql'
