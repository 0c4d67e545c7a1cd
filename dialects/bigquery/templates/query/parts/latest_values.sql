-- One pass for all traits: the latest value of each, NULL aside.
latest AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        array_agg(r.{{ trait.name }} IGNORE NULLS ORDER BY r.{{ recency }} DESC LIMIT 1)[SAFE_OFFSET(0)] AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
