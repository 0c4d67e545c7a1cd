--# Asks the catalog which columns have landed, for `idgraph introspect --from`.
SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.data_type
FROM information_schema.columns AS c
WHERE c.table_schema = {{ space }}
ORDER BY
    c.table_name,
    c.ordinal_position;
