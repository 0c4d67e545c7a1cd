--% include 'create.sql'

--% if can.one_snapshot
BEGIN TRANSACTION;

--% endif
CREATE OR REPLACE TEMPORARY TABLE {{ window }} AS
--% include 'window.sql'

CREATE OR REPLACE TEMPORARY TABLE {{ affected }} AS
--% include affected_query

CREATE OR REPLACE TEMPORARY TABLE {{ built }} AS
{{ query }};

--% if not can.one_snapshot
BEGIN TRANSACTION;

--% endif
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

COMMIT TRANSACTION;
