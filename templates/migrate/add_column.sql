--# Segment may have landed a column before.
ALTER TABLE {{ table.name }} ADD COLUMN {{ "IF NOT EXISTS " if is_landed }}{{ column.name }} {{ column.type }};
--% include 'migrate/comment_column.sql'
