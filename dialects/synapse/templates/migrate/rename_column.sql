EXEC sp_rename {{ (table.name ~ '.' ~ old.name) | text }}, {{ column.literal }}, 'COLUMN';
