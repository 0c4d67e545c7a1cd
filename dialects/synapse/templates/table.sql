--% from 'columns.sql' import columns
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID({{ table.name | text }}, 'U') IS NULL AND OBJECT_ID({{ beside.old.name | text }}, 'U') IS NOT NULL
    RENAME OBJECT {{ beside.old.name }} TO {{ table.bare }};

--% include 'landed_table.sql'

--% if steps
{{ steps }}

--% endif
--# A common table expression may begin CREATE TABLE AS, and no INSERT.
--% with name = built, on = table.lookups[0].column
--% include 'work_table.sql'
--% endwith
{{ query }};

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
--% for other in [beside.next, beside.old]
IF OBJECT_ID({{ other.name | text }}, 'U') IS NOT NULL
    DROP TABLE {{ other.name }};

--% endfor
CREATE TABLE {{ beside.next.name }} (
{{ columns(table) | trim('\n') }};

INSERT INTO {{ beside.next.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
SELECT
--% for column in table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS new;

RENAME OBJECT {{ table.name }} TO {{ beside.old.bare }};
RENAME OBJECT {{ beside.next.name }} TO {{ table.bare }};

DROP TABLE {{ beside.old.name }};
