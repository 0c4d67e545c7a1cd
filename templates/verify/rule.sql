WITH
--% include 'verify/landed.sql'
SELECT f.*
FROM (
    {{ query | trim | indent(4) }}
) AS f
ORDER BY
--% for column in columns
    {{ sql.ascending(x=sql.by_bytes(x='f.' ~ column)) }}{{ "," if not loop.last }}
--% endfor
--% if limit is not none
LIMIT {{ limit }}
--% endif
;
