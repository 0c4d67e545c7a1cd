DELETE FROM {{ table.name }}
WHERE name IN ({{ literals | join(', ') }});
