CREATE OR REPLACE VIEW {{ table.name }} AS
{{ query }};

--% with kind = 'VIEW'
--% include 'comments.sql'
--% endwith
