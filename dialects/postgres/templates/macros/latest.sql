--# DISTINCT ON keeps the first row of each group in one sort, where a window function would number them all.
--% from 'macros/later.sql' import latest_first
--% macro latest(columns, from, where, each, order)
--% set texts = each + (order | selectattr('is_text') | map(attribute='name') | list)
SELECT
--% for column in columns
    l.{{ column[1] }}{{ ' COLLATE "default" AS ' ~ column[1] if column[1] in texts }}{{ "," if not loop.last }}
--% endfor
FROM (
    -- By bytes from the start: a column and the same by bytes would both be sorted along.
    SELECT DISTINCT ON ({{ each | map('prefix', 'u.') | map('by_bytes') | join(', ') }})
--% for column in columns
        {{ sql.by_bytes(x=column[0]) ~ ' AS ' ~ column[1] if column[1] in texts else column[0] }}{{ "," if not loop.last }}
--% endfor
    FROM {{ from }} AS u
    WHERE {{ where | indent(4) }}
    ORDER BY
--% for key in each
        {{ sql.by_bytes(x='u.' ~ key) }},
--% endfor
        {{ latest_first('u', order | rejectattr('name', 'in', each)) | trim | indent(8) }}
) AS l
--% endmacro
