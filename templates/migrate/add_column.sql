ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }};
--% include 'migrate/comment_column.sql'
