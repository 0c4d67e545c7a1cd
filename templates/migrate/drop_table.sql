DROP TABLE {{ table.name }};
