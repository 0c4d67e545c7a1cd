--# Where a key of `affected` stands for one row of the table.
-- In one statement, so that each row of the table is looked up once. Only rows that differ are written.
MERGE INTO {{ table.name }} AS old
USING (
    SELECT
--% for column, key in affected_on
        a.{{ key }}{{ " AS " ~ column if column != key }},
--% endfor
--% for column in table.values
        new.{{ column.name }},
--% endfor
        new.{{ table.key[0] }} IS NULL AS {{ gone }}
    FROM {{ affected }} AS a
    LEFT JOIN {{ built }} AS new
        ON {{ ' ' if affected_on | length > 1 }}{{ affected_on | map('on_affected', 'new') | join('\n        AND ') }}
) AS new
ON {{ table.key | map('same') | join('\n  AND ') }}
WHEN MATCHED AND new.{{ gone }} THEN
    DELETE
WHEN MATCHED AND (
--% for column in table.values
        new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
    ) IS DISTINCT FROM (
--% for column in table.values
        old.{{ column.name }}{{ "," if not loop.last }}
--% endfor
    ) THEN
    UPDATE SET
--% for column in table.values
        {{ column.name }} = new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
WHEN NOT MATCHED AND NOT new.{{ gone }} THEN
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
