CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} COMMENT {{ column.comment }}{{ "," if not loop.last }}
--% endfor
)
--% if table.lookups
CLUSTER BY ({{ table.lookups | map(attribute='column') | join(', ') }})
--% endif
COMMENT {{ table.comment }};
