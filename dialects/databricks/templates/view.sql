CREATE OR REPLACE VIEW {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} COMMENT {{ column.comment }}{{ "," if not loop.last }}
--% endfor
)
AS
-- {{ made_by }}
{{ query }};
