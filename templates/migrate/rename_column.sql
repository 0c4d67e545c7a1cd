ALTER TABLE {{ table.name }} RENAME COLUMN {{ old.name }} TO {{ column.name }};
--% include 'migrate/comment_column.sql'
