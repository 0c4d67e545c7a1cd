--# QUALIFY keeps the latest row of each group without a subquery.
--% from 'macros/later.sql' import latest_first
--% macro latest(columns, from, where, each, order)
SELECT
--% for column in columns
    {{ column[0] }}{{ " AS " ~ column[1] if column[0] != 'u.' ~ column[1] }}{{ "," if not loop.last }}
--% endfor
FROM {{ from }} AS u
WHERE {{ where }}
QUALIFY row_number() OVER (
    PARTITION BY {{ each | map('prefix', 'u.') | join(', ') }}
    ORDER BY
        {{ latest_first('u', order | rejectattr('name', 'in', each)) | trim | indent(8) }}
) = 1
--% endmacro
