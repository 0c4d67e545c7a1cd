--# In a view over views each is named as seldom as can be, see `all_profiles.sql`.
--% if in_view
-- For each trait, the latest row that has a value, and that value: each aggregate is over one row.
latest AS (
    SELECT
        d.canonical_segment_id{{ "," if traits }}
--% for trait in traits
        {{ sql.only_value(x='CASE WHEN d.' ~ recency ~ ' = d.' ~ variable ~ loop.index ~ ' THEN d.' ~ trait.name ~ ' END', type=trait.logical_type) }} AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM (
        SELECT
            r.canonical_segment_id,
--% for trait in traits
            r.{{ trait.name }},
            max(CASE WHEN r.{{ trait.name }} IS NOT NULL THEN r.{{ recency }} END) OVER (PARTITION BY r.canonical_segment_id) AS {{ variable }}{{ loop.index }},
--% endfor
            r.{{ recency }}
        FROM resolved AS r
    ) AS d
    GROUP BY d.canonical_segment_id
)
--% else
--% include 'templates/query/parts/latest_values.sql'
--% endif
