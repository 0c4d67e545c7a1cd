--% include 'templates/migrate/rename_column.sql'
COMMENT ON COLUMN {{ table.name }}.{{ column.name }} IS {{ column.comment }};
