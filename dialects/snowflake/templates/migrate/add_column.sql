ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }} COMMENT {{ column.comment }};
