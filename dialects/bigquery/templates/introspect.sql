--# Each dataset has a catalog of its own.
SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.data_type
FROM {{ schema }}.INFORMATION_SCHEMA.COLUMNS AS c
ORDER BY
    c.table_name,
    c.ordinal_position;
