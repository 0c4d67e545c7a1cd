--# information_schema leaves out what the user has no rights on; the catalog itself has all of it.
SELECT
    n.nspname AS table_schema,
    t.relname AS table_name,
    c.attname AS column_name,
    pg_catalog.format_type(c.atttypid, c.atttypmod) AS data_type
FROM pg_catalog.pg_attribute AS c
JOIN pg_catalog.pg_class AS t
    ON t.oid = c.attrelid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.relnamespace
WHERE n.nspname = {{ space }}
  AND t.relkind IN ('r', 'p')
  AND c.attnum > 0
  AND NOT c.attisdropped
ORDER BY
    t.relname,
    c.attnum;
