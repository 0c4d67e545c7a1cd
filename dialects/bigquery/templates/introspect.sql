--# Each dataset has a catalog of its own. Beside each table Segment keeps a view of it, <table>_view: no table.
SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.data_type
FROM {{ schema }}.INFORMATION_SCHEMA.COLUMNS AS c
JOIN {{ schema }}.INFORMATION_SCHEMA.TABLES AS t
    ON t.table_name = c.table_name
WHERE t.table_type = 'BASE TABLE'
ORDER BY
    c.table_name,
    c.ordinal_position;
