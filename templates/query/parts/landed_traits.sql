--% from 'macros/later.sql' import latest_last
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        {{ sql.joinable(x='coalesce(g.canonical_segment_id, ' ~ ('t.segment_id' | exact) ~ ')') }} AS canonical_segment_id,
--% for trait in traits
        t.{{ trait.name }},
--% endfor
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, {{ 't.segment_id' | exact }})
            ORDER BY
                {{ latest_last('t', traits_from.later) | trim | indent(16) }}
        ) AS {{ recency }}
    FROM {{ traits_from.name }} AS t
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 't.segment_id' | exact }}
    WHERE t.segment_id IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = {{ 't.segment_id' | exact }})
--% endif
),
