CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} OPTIONS (description = {{ column.comment }}){{ "," if not loop.last }}
--% endfor
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY {{ table.lookups[0].column }}
OPTIONS (description = {{ table.comment }});
