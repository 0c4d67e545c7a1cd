-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO {{ table.name }} AS old
USING {{ built }} AS built
ON {{ table.key | map('same', 'built') | join('\n  AND ') }}
WHEN MATCHED AND built.{{ gone }} THEN
    DELETE
WHEN MATCHED AND (
--% for column in table.values
    {{ "OR " if not loop.first }}old.{{ column.name }} IS DISTINCT FROM built.{{ column.name }}
--% endfor
) THEN
    UPDATE SET
--% for column in table.values
        {{ column.name }} = built.{{ column.name }}{{ "," if not loop.last }}
--% endfor
WHEN NOT MATCHED THEN
    INSERT (
--% for column in table.columns
        {{ column.name }}{{ "," if not loop.last }}
--% endfor
    )
    VALUES (
--% for column in table.columns
        built.{{ column.name }}{{ "," if not loop.last }}
--% endfor
    );
