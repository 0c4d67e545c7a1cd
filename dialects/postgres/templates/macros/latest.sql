--# DISTINCT ON keeps the first row of each group in one sort, where a window function would number them all.
--% from 'macros/later.sql' import latest_first
--% macro latest(columns, from, where, each, order)
SELECT DISTINCT ON ({{ each | map('prefix', 'u.') | map('by_bytes') | join(', ') }})
--% for column in columns
    {{ column[0] }}{{ " AS " ~ column[1] if column[0] != 'u.' ~ column[1] }}{{ "," if not loop.last }}
--% endfor
FROM {{ from }} AS u
WHERE {{ where }}
ORDER BY
--% for key in each
    {{ sql.by_bytes(x='u.' ~ key) }},
--% endfor
    {{ latest_first('u', order | rejectattr('name', 'in', each)) | trim | indent(4) }}
--% endmacro
