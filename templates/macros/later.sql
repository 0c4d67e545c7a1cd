--# How landed rows are ordered in time: by every column of `later` that the table has, NULL before any value,
--# text by bytes. `columns` are the table's, the tie-break last.
--% macro latest_first(alias, columns)
--% for column in columns
{{ sql.descending(x=sql.by_bytes(x=alias ~ '.' ~ column.name) if column.is_text else alias ~ '.' ~ column.name) }}{{ "," if not loop.last }}
--% endfor
--% endmacro

--% macro latest_last(alias, columns)
--% for column in columns
{{ sql.ascending(x=sql.by_bytes(x=alias ~ '.' ~ column.name) if column.is_text else alias ~ '.' ~ column.name) }}{{ "," if not loop.last }}
--% endfor
--% endmacro
