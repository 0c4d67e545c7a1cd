--# Findings of a model by key: of the rows that differ, those with a counterpart of the same key are different, the
--# others missing or extra.
WITH surplus AS (
    SELECT
--% for column in table.key
        d.{{ column }},
--% endfor
        sum(CASE WHEN d.{{ surplus }} > 0 THEN d.{{ surplus }} ELSE 0 END) AS missing,
        sum(CASE WHEN d.{{ surplus }} < 0 THEN - d.{{ surplus }} ELSE 0 END) AS extra
    FROM {{ differing }} AS d
    GROUP BY
--% for column in table.key
        d.{{ column }}{{ "," if not loop.last }}
--% endfor
),
found AS (
    SELECT
--% for column in table.key
        s.{{ column }},
--% endfor
        CASE WHEN s.missing > s.extra THEN s.missing - s.extra ELSE 0 END AS missing,
        CASE WHEN s.extra > s.missing THEN s.extra - s.missing ELSE 0 END AS extra,
        CASE WHEN s.missing > s.extra THEN s.extra ELSE s.missing END AS different,
--% if is_incremental
        CASE WHEN EXISTS (
            SELECT 1
            FROM {{ affected }} AS a
            WHERE {{ affected_on | map('on_affected', 's') | join('\n              AND ') }}
        ) THEN 0 ELSE 1 END AS beyond_lookback
--% else
        0 AS beyond_lookback
--% endif
    FROM surplus AS s
)
