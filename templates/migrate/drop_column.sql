ALTER TABLE {{ table.name }} DROP COLUMN {{ column.name }};
