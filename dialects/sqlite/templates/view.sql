DROP VIEW IF EXISTS {{ table.name }};

CREATE VIEW {{ table.name }} AS
-- {{ made_by }}
{{ query }};
