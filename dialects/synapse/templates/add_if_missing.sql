--# A column of a table, if it is not there.
--% from 'columns.sql' import column_type
IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID({{ table.name | text }})
      AND c.name = {{ column.literal }}
)
ALTER TABLE {{ table.name }} ADD {{ column.name }} {{ column_type(column) | trim }};
