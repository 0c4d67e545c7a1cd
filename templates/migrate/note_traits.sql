--# A UNION ALL may be of so many SELECTs: more traits take several statements.
--% for part in traits | batch(max_selects or traits | length + 1)
INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until
)
--% for trait in part
SELECT
    {{ model }},
    {{ trait | mark }},
    CAST(NULL AS {{ types.timestamp }}){{ ";" if loop.last }}
--% if not loop.last

UNION ALL

--% endif
--% endfor

--% endfor
