COMMENT ON TABLE {{ table.name }} IS {{ table.comment }};
