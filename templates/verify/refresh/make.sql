--% from 'macros/work_table.sql' import work_table
-- What the next refresh would read, and the keys that it would compute again.
{{ work_table(window, window_query, 'make') | trim }}

{{ work_table(affected, affected_rows, 'make') | trim }}
--% if counts_depth

-- The graph as the next refresh would leave it, which the other models would then read.
CREATE TEMPORARY TABLE {{ refreshed }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);
--% endif
