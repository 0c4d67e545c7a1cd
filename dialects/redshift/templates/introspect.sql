--# SVV_COLUMNS has every column that the user can see. A numeric is whole or not by its scale.
--# Names are kept in lower case unless a setting says otherwise, so both sides are compared so:
--# https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html
SELECT
    c.table_schema,
    c.table_name,
    c.column_name,
    CASE
        WHEN c.data_type = 'numeric' THEN 'numeric(' || CAST(c.numeric_precision AS varchar) || ',' || CAST(c.numeric_scale AS varchar) || ')'
        ELSE c.data_type
    END AS data_type
FROM svv_columns AS c
WHERE lower(c.table_schema) = lower({{ space }})
ORDER BY
    c.table_name,
    c.ordinal_position;
