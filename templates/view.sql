CREATE OR REPLACE VIEW {{ table.name }} AS
-- {{ made_by }}
{{ query }};
