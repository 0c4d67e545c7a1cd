SELECT
    'acme' AS table_schema,
    o.name AS table_name,
    c.name AS column_name,
    c.type AS data_type
FROM acme.sqlite_master AS o
JOIN pragma_table_xinfo(o.name, 'acme') AS c
WHERE o.type = 'table'
ORDER BY
    o.name,
    c.cid;
