--% from 'columns.sql' import columns
IF OBJECT_ID({{ table.name | text }}, 'U') IS NULL
CREATE TABLE {{ table.name }} (
{{ columns(table) | trim('\n') }};
