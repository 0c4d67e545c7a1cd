-- One pass for all traits: aggregates take a sorted subquery's rows in its order, so the first value of each is its latest.
latest AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        (array_agg(r.{{ trait.name }}) FILTER (WHERE r.{{ trait.name }} IS NOT NULL))[1] AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM (
        SELECT
            r.canonical_segment_id,
--% for trait in traits
            r.{{ trait.name }},
--% endfor
            r.{{ recency }}
        FROM resolved AS r
        ORDER BY
            r.canonical_segment_id,
            r.{{ recency }} DESC
    ) AS r
    GROUP BY r.canonical_segment_id
)
