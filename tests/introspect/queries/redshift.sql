SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    CASE
        WHEN c.data_type = 'numeric' THEN 'numeric(' || CAST(c.numeric_precision AS varchar) || ',' || CAST(c.numeric_scale AS varchar) || ')'
        ELSE c.data_type
    END AS data_type
FROM svv_columns AS c
WHERE lower(c.table_schema) = lower('acme')
ORDER BY
    c.table_name,
    c.ordinal_position;
