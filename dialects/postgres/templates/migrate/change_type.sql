ALTER TABLE {{ table.name }} ALTER COLUMN {{ column.name }} TYPE {{ column.type }} USING CAST({{ column.name }} AS {{ column.type }});
