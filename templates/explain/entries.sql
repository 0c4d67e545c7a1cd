--% from 'macros/graph.sql' import entries
-- The latest entry of each segment of the profile.
WITH
--% include 'explain/segments.sql'
SELECT
    e.segment_id,
    coalesce(e.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    {{ sql.to_text(x='e.id', type='varchar') }} AS id,
    {{ sql.time_to_text(x='e.timestamp') }} AS timestamp,
    {{ sql.to_text(x='e.seq', type='varchar') }} AS seq
FROM (
    {{ entries(segments) | trim | indent(4) }}
) AS e;
