--# No common table expression before INSERT: its rows are made first.
--% with name = built, on = 'canonical_segment_id'
--% include 'work_table.sql'
--% endwith
{{ query }};

--% include 'insert_into.sql'
SELECT
--% for column in table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS new;
