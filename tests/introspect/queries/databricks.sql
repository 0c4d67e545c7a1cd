SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.full_data_type AS data_type
FROM information_schema.columns AS c
WHERE c.table_schema = lower('acme')
ORDER BY
    c.table_name,
    c.ordinal_position;
