--% from 'macros/later.sql' import latest_first
--% set profile = 'coalesce(' ~ ('a' if affected else 'g') ~ '.canonical_segment_id, t.segment_id) COLLATE "C"'
-- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
-- the first value of each trait is its latest.
SELECT
    {{ sql.joinable(x='r.canonical_segment_id') }} AS canonical_segment_id{{ "," if traits }}
--% for trait in traits
    (array_agg(r.{{ trait.name }}) FILTER (WHERE r.{{ trait.name }} IS NOT NULL))[1] AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM (
    -- Landed traits under the profile that they belong to now, its latest row first.
    SELECT
        {{ profile }} AS canonical_segment_id{{ "," if traits }}
--% for trait in traits
        t.{{ trait.name }}{{ "," if not loop.last }}
--% endfor
    FROM {{ traits_from.name }} AS t
--% if affected
    JOIN {{ affected }} AS a ON a.segment_id = t.segment_id
--% else
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
--% endif
    ORDER BY
        {{ profile }},
        {{ latest_first('t', traits_from.later) | trim | indent(8) }}
) AS r
GROUP BY r.canonical_segment_id
