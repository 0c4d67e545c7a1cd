--% if null_means == 'unset'
--% include 'templates/query/profile_traits.sql'
--% else
--% from 'macros/later.sql' import latest_first
WITH
-- Landed traits under the profile that they belong to now, its latest row first.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id{{ "," if traits }}
--% for trait in traits
        t.{{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM {{ traits_from.name }} AS t
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = t.segment_id)
--% endif
    ORDER BY
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C",
        {{ latest_first('t', traits_from.later) | trim | indent(8) }}
),
-- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
-- the first value of each trait is its latest.
latest AS (
    SELECT
        {{ sql.joinable(x='r.canonical_segment_id') }} AS canonical_segment_id{{ "," if traits }}
--% for trait in traits
        (array_agg(r.{{ trait.name }}) FILTER (WHERE r.{{ trait.name }} IS NOT NULL))[1] AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
--% include 'query/parts/all_profiles.sql'
--% endif
