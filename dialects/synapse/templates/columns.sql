--# The columns of a table, text compared by its bytes, and where its rows stand: those of one profile together.
--% macro column_type(column)
{{ sql.exact(x=column.type) if column.is_text else column.type }}
--% endmacro

--% macro columns(table)
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column_type(column) | trim }}{{ "," if not loop.last }}
--% endfor
)
--% if table.lookups
WITH (DISTRIBUTION = HASH ({{ table.lookups[0].column }}), CLUSTERED COLUMNSTORE INDEX)
--% else
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)
--% endif
--% endmacro
