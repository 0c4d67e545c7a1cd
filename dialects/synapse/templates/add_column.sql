--% from 'columns.sql' import column_type
ALTER TABLE {{ table.name }} ADD {{ column.name }} {{ column_type(column) | trim }};
