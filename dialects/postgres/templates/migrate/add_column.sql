ALTER TABLE {{ table.name }} ADD COLUMN {{ "IF NOT EXISTS " if is_landed }}{{ column.name }} {{ column.type }};
COMMENT ON COLUMN {{ table.name }}.{{ column.name }} IS {{ column.comment }};
