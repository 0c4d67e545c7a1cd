DELETE FROM {{ table.name }}
WHERE model = {{ model }};

INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
VALUES (
    {{ model }},
    {{ how }},
    {{ inserted }},
    {{ deleted }},
    {{ seconds }},
    {{ definition }},
    {{ sql.clock() }},
    {{ deletions }}
);
