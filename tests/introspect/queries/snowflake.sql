SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    CASE
        WHEN c.data_type = 'NUMBER' THEN 'NUMBER(' || CAST(c.numeric_precision AS varchar) || ',' || CAST(c.numeric_scale AS varchar) || ')'
        ELSE c.data_type
    END AS data_type
FROM information_schema.columns AS c
WHERE c.table_schema = 'ACME'
ORDER BY
    c.table_name,
    c.ordinal_position;
