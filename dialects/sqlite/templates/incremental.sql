--% include 'create.sql'

--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ schema }}.{{ lookup.index }} ON {{ table.bare }} ({{ lookup.column }});
--% endfor

BEGIN IMMEDIATE;

DROP TABLE IF EXISTS temp.{{ window }};
DROP TABLE IF EXISTS temp.{{ affected }};
DROP TABLE IF EXISTS temp.{{ built }};

CREATE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

CREATE TEMPORARY TABLE {{ built }} AS
{{ query }};

DELETE FROM {{ table.name }}
WHERE EXISTS (
    SELECT 1
    FROM {{ affected }} AS a
    WHERE {{ affected_on | map('on_affected', table.bare) | join('\n      AND ') }}
);

INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
SELECT
--% for column in table.columns
    built.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS built;

--% include 'read_to_here.sql'

COMMIT;
