-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        max(CASE WHEN r.{{ trait.name }} IS NOT NULL THEN r.{{ recency }} END) AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        {{ sql.only_value(x='CASE WHEN r.' ~ recency ~ ' = d.' ~ trait.name ~ ' THEN r.' ~ trait.name ~ ' END', type=trait.logical_type) }} AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
