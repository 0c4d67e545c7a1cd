--% include 'insert_into.sql'
SELECT
--% for column in table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ table.name }} AS old
    WHERE {{ table.key | map('same') | join('\n      AND ') }}
);
