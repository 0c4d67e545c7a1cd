--% include 'record/guard.sql'

CREATE OR REPLACE VIEW {{ table.name }} AS
{{ query }};

--% include 'record/made.sql'
--% include 'record/alike.sql'
--% include 'record/digest.sql'

--% with kind = 'VIEW'
--% include 'comments.sql'
--% endwith
