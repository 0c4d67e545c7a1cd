ALTER TABLE {{ table.name }} ALTER COLUMN {{ column.name }} SET DATA TYPE {{ column.type }};
