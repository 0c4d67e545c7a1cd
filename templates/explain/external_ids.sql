--% set affected = known
-- The external ids that the profile holds, each with the landed row that decided.
WITH
--% include 'query/parts/latest_external_ids.sql'
SELECT
    l.external_id_type,
    l.external_id_value,
    l.id,
    l.segment_id,
    l.timestamp,
    l.seq
FROM latest AS l
WHERE l.canonical_segment_id IN (SELECT m.canonical_segment_id FROM {{ members }} AS m)
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='l.external_id_type')) }},
    {{ sql.ascending(x=sql.by_bytes(x='l.external_id_value')) }};
