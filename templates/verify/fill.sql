--% if steps
{{ steps }}

--% endif
INSERT INTO {{ recomputed }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};

--% include 'verify/settle.sql'
--% if counts_depth

--% include 'verify/depths.sql'
--% endif
--% if compared

-- What is there more often than it is in the table, or less often: as rows, since a damaged table may hold a key twice.
INSERT INTO {{ differing }} (
--% for column in table.columns
    {{ column.name }},
--% endfor
    {{ surplus }}
)
SELECT
--% for column in table.columns
    b.{{ column.name }},
--% endfor
    sum(b.{{ surplus }})
FROM (
    SELECT
--% for column in table.columns
        new.{{ column.name }},
--% endfor
        1 AS {{ surplus }}
    FROM {{ recomputed }} AS new

    UNION ALL

    SELECT
--% for column in table.columns
        old.{{ column.name }},
--% endfor
        -1
    FROM {{ table.name }} AS old
) AS b
GROUP BY
--% for column in table.columns
    b.{{ column.name }}{{ "," if not loop.last }}
--% endfor
HAVING sum(b.{{ surplus }}) <> 0;
--% endif
--% if is_incremental

--% include 'verify/refresh/fill.sql'
--% endif
