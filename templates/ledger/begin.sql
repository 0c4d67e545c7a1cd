INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
VALUES (
    {{ number }},
    {{ name }},
    {{ how }},
    {{ checksum }},
    {{ algorithm }},
    {{ statements }},
    0,
    0,
    {{ sql.clock() }},
    {{ sql.clock() if is_finished else "NULL" }},
    {{ version }},
    {{ sql.user() }},
    NULL
);
