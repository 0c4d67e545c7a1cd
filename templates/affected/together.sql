--% from 'macros/window.sql' import read
    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
--% for column, key in affected_on
        kept.{{ column }}{{ "," if not loop.last }}
--% endfor
    FROM {{ table.name }} AS kept
    WHERE {{ sql.is_true(x=read(window, 'is_first') | trim) }}
)
SELECT DISTINCT
--% for column, key in affected_on
    t.{{ key }}{{ "," if not loop.last }}
--% endfor
FROM together AS t;
