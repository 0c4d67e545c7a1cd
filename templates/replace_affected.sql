DELETE FROM {{ table.name }}
WHERE EXISTS (
    SELECT 1
    FROM {{ affected }} AS a
    WHERE {{ affected_on | map('on_affected', table.bare) | join('\n      AND ') }}
);

--% include 'insert_into.sql'
SELECT
--% for column in table.columns
    built.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS built;
