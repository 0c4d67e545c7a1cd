--# A UNION ALL may be of so many SELECTs: more traits take several statements.
--% for part in traits | batch(max_selects or traits | length + 1)
INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until,
    object_id
)
--% for trait in part
SELECT
    {{ model }},
    {{ trait | mark }},
    CAST(NULL AS {{ types.timestamp }}),
    {{ sql.column_id(table=table, column=trait.literal) | indent(4) if can.identify_columns and not is_long else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}{{ ";" if loop.last }}
--% if not loop.last

UNION ALL

--% endif
--% endfor

--% endfor
