WITH
--% include 'verify/found.sql'
--% if reach and not reach_is_made
,
--% include 'verify/reached.sql'
--% endif
SELECT
--% for column in table.key
    f.{{ column }},
--% endfor
    CAST(f.missing AS {{ types.integer }}) AS missing,
    CAST(f.extra AS {{ types.integer }}) AS extra,
    CAST(f.different AS {{ types.integer }}) AS different,
    {{ 'CASE WHEN a.' ~ reach.affected_on[0][1] ~ ' IS NULL THEN 1 ELSE 0 END' if reach else '0' }} AS beyond_lookback
FROM found AS f
--% if reach
--% include 'verify/in_reach.sql'
--% endif
ORDER BY
--% for column in table.key
    {{ sql.ascending(x=sql.by_bytes(x='f.' ~ column)) }}{{ "," if not loop.last }}
--% endfor
--% if limit is not none
LIMIT {{ limit }}
--% endif
;
