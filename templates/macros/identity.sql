--# For a watermark of a landed table: the model's table and its columns, as the catalog tells them from others of the same names.
--% macro of_model()
{{ sql.table_id(table=table, columns=fixed) if can.identify_tables else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% endmacro

--# The same of a landed table: an empty text while it has not landed.
--% macro of_landed(source)
{{ 'coalesce(' ~ sql.table_id(table=source.table, columns=source.columns) ~ ", '')" if can.identify_tables else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% endmacro

--# For what is noted of a trait: the model's column. In long form a trait has none.
--% macro of_column(name)
{{ sql.column_id(table=table, column=name) if can.identify_columns and not is_long else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% endmacro

--# And the landed column: an empty text while it has not landed.
--% macro of_landed_column(name)
{{ sql.column_id(table=traits_table, column=name) if can.identify_columns else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% endmacro

--# Whether what `w` notes of a trait is about the columns as they are.
--% macro is_noted()
--% if not is_long
AND w.object_id = {{ of_column('substr(w.landed, 7)') | trim }}
--% endif
AND w.landed_id = {{ of_landed_column('substr(w.landed, 7)') | trim }}
--% endmacro
