--% from 'macros/later.sql' import latest_first
WITH
--% if null_means == 'unset'
--% include 'query/parts/snapshot_traits.sql'
--% else
--% include 'query/parts/long_traits.sql'
ranked AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.name,
        t.value,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id), t.name
            ORDER BY
                {{ latest_first('t', traits_from.later) | trim | indent(16) }}
        ) AS nth_latest
    FROM long AS t
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = t.segment_id
)
--% endif
SELECT
    r.canonical_segment_id,
    r.name,
    r.value,
    r.seq,
    r.received_at,
    r.uuid_ts,
    r.timestamp
FROM ranked AS r
WHERE r.nth_latest = 1
