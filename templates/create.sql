CREATE TABLE IF NOT EXISTS {{ table.name }} (
    -- {{ made_by }}
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last or table.primary_key }}
--% endfor
--% if table.primary_key
    PRIMARY KEY ({{ table.primary_key | join(', ') }})
--% endif
);
