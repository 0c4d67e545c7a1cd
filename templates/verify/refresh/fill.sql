--% from 'macros/work_table.sql' import work_table
{{ work_table(window, window_query, 'fill') | trim }}

{{ work_table(affected, affected_rows, 'fill') | trim }}
--% if counts_depth

INSERT INTO {{ refreshed }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
SELECT
--% for column in table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ recomputed }} AS new
WHERE EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = new.segment_id)

UNION ALL

SELECT
--% for column in table.columns
    old.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ table.name }} AS old
WHERE NOT EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = old.segment_id);
--% endif
