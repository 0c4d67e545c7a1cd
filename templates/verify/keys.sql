--% include 'verify/by_key.sql'
SELECT
--% for column in table.key
    f.{{ column }},
--% endfor
    CAST(f.missing AS {{ types.integer }}) AS missing,
    CAST(f.extra AS {{ types.integer }}) AS extra,
    CAST(f.different AS {{ types.integer }}) AS different,
    CAST(f.beyond_lookback AS {{ types.integer }}) AS beyond_lookback
FROM found AS f
ORDER BY
--% for column in table.key
    {{ sql.ascending(x=sql.by_bytes(x='f.' ~ column)) }}{{ "," if not loop.last }}
--% endfor
--% if limit is not none
LIMIT {{ limit }}
--% endif
;
