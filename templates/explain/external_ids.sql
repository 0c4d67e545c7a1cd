--% from 'macros/cte.sql' import cte
--% set affected = known
-- The external ids that the profile holds, each with the landed row that decided.
WITH
--% include 'explain/segments.sql'
,
--% if removals and graph
--# What was taken away from another profile is known of its segments together.
{{ cte(recomputed, graph) | trim }},
--% endif
-- Those that any of its segments ever had.
{{ known }} AS (
    SELECT DISTINCT
        u.external_id_type,
        u.external_id_value
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE u.external_id_type IS NOT NULL
      AND u.external_id_value IS NOT NULL
      AND u.segment_id IN (SELECT s.segment_id FROM {{ segments }} AS s)
),
--% include 'query/parts/latest_external_ids.sql'
SELECT
    l.external_id_type,
    l.external_id_value,
    {{ sql.to_text(x='l.id', type='varchar') }} AS id,
    l.segment_id,
    {{ sql.time_to_text(x='l.timestamp') }} AS timestamp,
    {{ sql.to_text(x='l.seq', type='varchar') }} AS seq
FROM latest AS l
WHERE l.canonical_segment_id = $1
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='l.external_id_type')) }},
    {{ sql.ascending(x=sql.by_bytes(x='l.external_id_value')) }};
