DROP DYNAMIC TABLE {{ table.name }};
