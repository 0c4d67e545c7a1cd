CREATE OR REPLACE VIEW {{ table.name }} AS
{{ query }};

COMMENT ON VIEW {{ table.name }} IS {{ table.comment }};
