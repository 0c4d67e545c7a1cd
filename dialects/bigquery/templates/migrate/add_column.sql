ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }} OPTIONS (description = {{ column.comment }});
