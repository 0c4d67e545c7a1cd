--# The latest landed row of each group. `columns` are pairs of expression and name; the names of `order` stand in the
--# result's order of time.
--% from 'macros/later.sql' import latest_first
--% macro latest(columns, from, where, each, order)
--% set keys = each | map('prefix', 'u.') | map('exact') | list
--% set is_long = keys | join(', ') | length > 100
--% if can.qualify
SELECT
--% for column in columns
    {{ column[0] }}{{ " AS " ~ column[1] if column[0] != 'u.' ~ column[1] }}{{ "," if not loop.last }}
--% endfor
FROM {{ from }} AS u
WHERE {{ where }}
QUALIFY row_number() OVER (
    PARTITION BY{{ '\n                ' if is_long else ' ' }}{{ keys | join(',\n        ' if is_long else ', ') }}
    ORDER BY
        {{ latest_first('u', order | rejectattr('name', 'in', each)) | trim | indent(8) }}
) = 1
--% else
SELECT
--% for column in columns
    ranked.{{ column[1] }}{{ "," if not loop.last }}
--% endfor
FROM (
    SELECT
--% for column in columns
        {{ column[0] }}{{ " AS " ~ column[1] if column[0] != 'u.' ~ column[1] }},
--% endfor
        row_number() OVER (
            PARTITION BY{{ '\n                ' if is_long else ' ' }}{{ keys | join(',\n                ' if is_long else ', ') }}
            ORDER BY
                {{ latest_first('u', order | rejectattr('name', 'in', each)) | trim | indent(16) }}
        ) AS nth_latest
    FROM {{ from }} AS u
    WHERE {{ where | indent(4) }}
) AS ranked
WHERE ranked.nth_latest = 1
--% endif
--% endmacro
