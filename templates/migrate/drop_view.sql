DROP VIEW {{ table.name }};
