--# Redshift has no ADD COLUMN IF NOT EXISTS.
ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }};
COMMENT ON COLUMN {{ table.name }}.{{ column.name }} IS {{ column.comment }};
