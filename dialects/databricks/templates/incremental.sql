--# One writer at a time: the work tables have one name each.
--% include 'create.sql'

--% with name = window, on = none
--% include 'work_table.sql'
--% endwith
--% include 'window.sql'

--% with name = affected, on = none
--% include 'work_table.sql'
--% endwith
--% include affected_query

--% if steps
{{ steps }}

--% endif
-- What the affected rows are now; those that are no more, marked.
--% with name = built, on = none
--% include 'work_table.sql'
--% endwith
SELECT
--% for column in table.columns
    new.{{ column.name }},
--% endfor
    FALSE AS {{ recency }}
FROM (
    {{ query | indent(4) }}
) AS new;

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
    FROM {{ built }} AS new
    WHERE {{ table.key | map('same') | join('\n      AND ') }}
);

-- In one statement: readers see the old rows or the new ones. Only rows that differ are written.
MERGE INTO {{ table.name }} AS old
USING {{ built }} AS new
ON {{ table.key | map('same') | join('\n  AND ') }}
WHEN MATCHED AND new.{{ recency }} THEN
    DELETE
WHEN MATCHED AND (
--% for column in table.values
    {{ "OR " if not loop.first }}old.{{ column.name }} IS DISTINCT FROM new.{{ column.name }}
--% endfor
) THEN
    UPDATE SET
--% for column in table.values
        {{ column.name }} = new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
WHEN NOT MATCHED THEN
    INSERT (
--% for column in table.columns
        {{ column.name }}{{ "," if not loop.last }}
--% endfor
    )
    VALUES (
--% for column in table.columns
        new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
    );

--% include 'read_to_here.sql'

DROP TABLE {{ window }};
DROP TABLE {{ affected }};
DROP TABLE {{ built }};
--% if steps
--% include 'drop_work_tables.sql'
--% endif
