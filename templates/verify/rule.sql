SELECT {{ "count(*) AS found" if counting else "f.*" }}
FROM (
    {{ rule | trim | indent(4) }}
) AS f
--% if not counting
ORDER BY
--% for column in columns
    {{ sql.ascending(x=sql.by_bytes(x='f.' ~ column)) }}{{ "," if not loop.last }}
--% endfor
--% if limit is not none
LIMIT {{ limit }}
--% endif
--% endif
;
