-- {{ table.bare }} as it must be.
CREATE TEMPORARY TABLE {{ name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);

INSERT INTO {{ name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};
--% for lookup in table.lookups

CREATE INDEX {{ lookup.index }} ON {{ name }} ({{ lookup.column }});
--% endfor
