SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.data_type
FROM acme.INFORMATION_SCHEMA.COLUMNS AS c
JOIN acme.INFORMATION_SCHEMA.TABLES AS t
    ON t.table_name = c.table_name
WHERE t.table_type = 'BASE TABLE'
ORDER BY
    c.table_name,
    c.ordinal_position;
