COMMENT ON {{ kind }} {{ table.name }} IS {{ table.comment }};
--% for column in table.columns
COMMENT ON COLUMN {{ table.name }}.{{ column.name | pad(table.width) }} IS {{ column.comment }};
--% endfor
