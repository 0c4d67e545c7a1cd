-- One pass for all traits: the latest value of each. max_by passes over rows whose second argument is NULL.
latest AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        max_by(r.{{ trait.name }}, CASE WHEN r.{{ trait.name }} IS NOT NULL THEN r.{{ recency }} END) AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
