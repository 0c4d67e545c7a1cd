ALTER TABLE {{ table.name }} ADD COLUMN IF NOT EXISTS {{ column.name }} {{ column.type }} OPTIONS (description = {{ column.comment }});
