--# For `merge/replace_affected.sql`.
-- What the affected rows are now; those that are no more, marked.
--% with name = built, on = affected_on[0][0]
--% include 'work_table.sql'
--% endwith
SELECT
--% for column in table.columns
    computed.{{ column.name }},
--% endfor
    FALSE AS {{ gone }}
FROM (
    {{ query | indent(4) }}
) AS computed;

INSERT INTO {{ built }}
SELECT
--% for column in table.columns
    old.{{ column.name }},
--% endfor
    TRUE
FROM {{ table.name }} AS old
WHERE EXISTS (
    SELECT 1
    FROM {{ affected }} AS a
    WHERE {{ affected_on | map('on_affected', 'old') | join('\n      AND ') }}
)
  AND NOT EXISTS (
    SELECT 1
    FROM {{ built }} AS built
    WHERE {{ table.key | map('same', 'built') | join('\n      AND ') }}
);
