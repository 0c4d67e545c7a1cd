COMMENT ON {{ kind }} {{ table.name }} IS {{ table.comment }};
