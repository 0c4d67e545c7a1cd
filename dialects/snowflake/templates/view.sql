CREATE OR REPLACE VIEW {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} COMMENT {{ column.comment }}{{ "," if not loop.last }}
--% endfor
)
COPY GRANTS
COMMENT = {{ table.comment }}
AS
{{ query }};
