ALTER TABLE {{ table.name }} ALTER COLUMN {{ column.name }} SET OPTIONS (description = {{ column.comment }});
