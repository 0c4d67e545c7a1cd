--% from 'macros/cte.sql' import cte
-- The segments of the profile that $1 belongs to, with when the latest of them was merged: none where the
-- graph does not have it.
--% if graph
WITH
{{ cte(recomputed, graph) | trim }}
--% endif
SELECT
    g.segment_id,
    g.canonical_segment_id,
    {{ sql.time_to_text(x="max(CASE WHEN g.segment_id <> g.canonical_segment_id THEN g.timestamp END) OVER ()") }} AS merged_at
FROM {{ recomputed }} AS g
WHERE g.canonical_segment_id = (
    SELECT own.canonical_segment_id
    FROM {{ recomputed }} AS own
    WHERE own.segment_id = $1
)
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='g.segment_id')) }};
