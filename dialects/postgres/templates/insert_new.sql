-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE {{ fresh }} ON COMMIT DROP AS
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

--% include 'insert_into.sql'
SELECT
--% for column in table.columns
    fresh.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ fresh }} AS fresh;
