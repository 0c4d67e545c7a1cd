--# In which rows a table differs from what it must be, by key: those with a counterpart of the same key are different,
--# the others missing or extra. `recomputed` are models that it reads and that are wrong as they stand.
--% from 'macros/cte.sql' import cte
--% for model in recomputed
{{ cte(model.name, model.query) | trim }},
--% endfor
-- What is there more often than it must be, or less often: as rows, since a damaged table may hold a key twice.
differing AS (
    SELECT
--% for column in table.columns
        b.{{ column.name }},
--% endfor
        sum(b.{{ surplus }}) AS {{ surplus }}
    FROM (
        SELECT
--% for column in table.columns
            {{ sql.stored(x='new.' ~ column.name, type=column.logical_type, sql_type=column.type) }} AS {{ column.name }},
--% endfor
            1 AS {{ surplus }}
        FROM (
            {{ query | indent(12) }}
        ) AS new

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
    HAVING sum(b.{{ surplus }}) <> 0
),
by_key AS (
    SELECT
--% for column in table.key
        d.{{ column }},
--% endfor
        sum(CASE WHEN d.{{ surplus }} > 0 THEN d.{{ surplus }} ELSE 0 END) AS missing,
        sum(CASE WHEN d.{{ surplus }} < 0 THEN - d.{{ surplus }} ELSE 0 END) AS extra
    FROM differing AS d
    GROUP BY
--% for column in table.key
        d.{{ column }}{{ "," if not loop.last }}
--% endfor
),
found AS (
    SELECT
--% for column in table.key
        k.{{ column }},
--% endfor
        CASE WHEN k.missing > k.extra THEN k.missing - k.extra ELSE 0 END AS missing,
        CASE WHEN k.extra > k.missing THEN k.extra - k.missing ELSE 0 END AS extra,
        CASE WHEN k.missing > k.extra THEN k.extra ELSE k.missing END AS different
    FROM by_key AS k
)
