--% include 'new_table.sql'

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
