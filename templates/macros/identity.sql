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

--# What is noted of a trait, `landed`, as the name of its column in the model, and as that of the landed one. Most have one name.
--% macro noted_column(landed)
--% if other_marks
CASE {{ landed }}
--% for mark in other_marks
    WHEN {{ mark | mark }} THEN {{ mark.column }}
--% endfor
    ELSE substr({{ landed }}, 7)
END
--% else
substr({{ landed }}, 7)
--% endif
--% endmacro
--% macro noted_landed(landed)
--% if other_marks
CASE {{ landed }}
--% for mark in other_marks
    WHEN {{ mark | mark }} THEN {{ mark.landed }}
--% endfor
    ELSE substr({{ landed }}, 7)
END
--% else
substr({{ landed }}, 7)
--% endif
--% endmacro

--# Whether what `w` notes of a trait is about the columns as they are.
--% macro is_noted()
--% if not is_long
AND w.object_id = {{ of_column(noted_column('w.landed') | trim) | trim }}
--% endif
AND w.landed_id = {{ of_landed_column(noted_landed('w.landed') | trim) | trim }}
--% endmacro
