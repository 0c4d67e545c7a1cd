--# SQLite has no information_schema.
SELECT
    {{ space }} AS table_schema,
    o.name AS table_name,
    c.name AS column_name,
    c.type AS data_type
FROM {{ schema }}.sqlite_master AS o
JOIN pragma_table_xinfo(o.name, {{ space }}) AS c
WHERE o.type = 'table'
ORDER BY
    o.name,
    c.cid;
