COMMENT ON COLUMN {{ table.name }}.{{ column.name }} IS {{ column.comment }};
