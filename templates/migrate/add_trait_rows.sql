INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};
