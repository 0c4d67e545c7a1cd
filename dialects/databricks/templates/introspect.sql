--# A DECIMAL is whole or not by its scale: only the full type says it. Unity Catalog keeps names in lower case:
--# https://docs.databricks.com/sql/language-manual/sql-ref-names.html
SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    c.full_data_type AS data_type
FROM {{ catalog ~ '.' if catalog }}information_schema.columns AS c
WHERE c.table_schema = lower({{ space }})
ORDER BY
    c.table_name,
    c.ordinal_position;
