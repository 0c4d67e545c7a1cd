DELETE FROM {{ table.name }}
WHERE number = {{ number }};
