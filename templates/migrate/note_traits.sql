INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until
)
--% for trait in traits
SELECT
    {{ model }},
    {{ trait | mark }},
    CAST(NULL AS {{ types.timestamp }}){{ ";" if loop.last }}
--% if not loop.last

UNION ALL

--% endif
--% endfor
