-- One pass for all traits: the latest value of each, NULL aside.
latest AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        max_by(r.{{ trait.name }}, r.{{ recency }}) FILTER (WHERE r.{{ trait.name }} IS NOT NULL) AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
