--# Databricks has no ADD COLUMN IF NOT EXISTS.
ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }} COMMENT {{ column.comment }};
