--# A UNION ALL may be of so many SELECTs: more traits take several statements.
--% from 'macros/identity.sql' import of_column, of_landed_column
--% for part in traits | batch(max_selects or traits | length + 1)
INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
--% for trait in part
SELECT
    {{ model }},
    {{ trait | mark }},
    CAST(NULL AS {{ types.timestamp }}),
    {{ of_column(trait.column) | trim | indent(4) }},
    {{ of_landed_column(trait.landed) | trim | indent(4) }}{{ ";" if loop.last }}
--% if not loop.last

UNION ALL

--% endif
--% endfor

--% endfor
