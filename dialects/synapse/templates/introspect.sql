--# In capitals, for pools whose collation minds the case. A numeric is whole or not by its scale.
SELECT
    c.TABLE_SCHEMA AS table_schema,
    c.TABLE_NAME AS table_name,
    c.COLUMN_NAME AS column_name,
    CASE
        WHEN c.DATA_TYPE IN ('numeric', 'decimal')
            THEN c.DATA_TYPE + '(' + CAST(c.NUMERIC_PRECISION AS varchar(3)) + ',' + CAST(c.NUMERIC_SCALE AS varchar(3)) + ')'
        ELSE c.DATA_TYPE
    END AS data_type
FROM INFORMATION_SCHEMA.COLUMNS AS c
WHERE c.TABLE_SCHEMA = {{ space }}
ORDER BY
    c.TABLE_NAME,
    c.ORDINAL_POSITION;
