--# Where a landed row is a snapshot: the rows that decide. `carried`: what goes along with the traits.
--% from 'macros/later.sql' import latest_first, latest_last
--% set ordering = traits_from.later | map(attribute='name') | list
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        {{ 't.segment_id' | exact_column }},
--% for trait in traits
        t.{{ trait.name }},
--% endfor
--% for column in carried if column != 'segment_id'
        t.{{ column }},
--% endfor
--% for column in ['timestamp', 'seq', 'uuid_ts', 'id'] if column not in carried and (column in ordering or column == 'timestamp')
        t.{{ column }},
--% endfor
        row_number() OVER (
            PARTITION BY {{ 't.segment_id' | exact }}
            ORDER BY
                {{ latest_first('t', traits_from.later) | trim | indent(16) }}
        ) AS {{ recency }}
    FROM {{ traits_from.name }} AS t
    WHERE t.segment_id IS NOT NULL
--% if affected
      AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = {{ 't.segment_id' | exact }})
--% endif
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        {{ sql.joinable(x='coalesce(g.canonical_segment_id, s.segment_id)') }} AS canonical_segment_id,
--% for trait in traits
        s.{{ trait.name }},
--% endfor
--% for column in carried
        s.{{ column }},
--% endfor
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                {{ latest_last('s', traits_from.later) | trim | indent(16) }}
        ) AS {{ recency }},
        count(*) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS {{ snapshot.count }},
        max(s.timestamp) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS {{ snapshot.taken_at }}
    FROM of_segment AS s
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = s.segment_id
    WHERE s.{{ recency }} = 1
),
-- The latest decides every trait, NULL included. Where a merge is later than that, nobody has spoken for the whole profile
-- yet: then each segment's own counts.
resolved AS (
    SELECT
        n.canonical_segment_id,
--% for trait in traits
        n.{{ trait.name }},
--% endfor
--% for column in carried
        n.{{ column }},
--% endfor
        n.{{ recency }}
    FROM numbered AS n
    LEFT JOIN (
        SELECT
            g.canonical_segment_id,
            max(g.timestamp) AS merged_at
        FROM {{ models.id_graph }} AS g
        WHERE g.segment_id <> g.canonical_segment_id
--% if affected
          AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = g.segment_id)
--% endif
        GROUP BY g.canonical_segment_id
    ) AS m ON m.canonical_segment_id = n.canonical_segment_id
    WHERE n.{{ recency }} = n.{{ snapshot.count }}
       OR m.merged_at > n.{{ snapshot.taken_at }}
       OR (n.{{ snapshot.taken_at }} IS NULL AND m.merged_at IS NOT NULL)
){{ "," if is_last is undefined }}
