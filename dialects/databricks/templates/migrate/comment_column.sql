--% if is_view
COMMENT ON COLUMN {{ table.name }}.{{ column.name }} IS {{ column.comment }};
--% else
ALTER TABLE {{ table.name }} ALTER COLUMN {{ column.name }} COMMENT {{ column.comment }};
--% endif
