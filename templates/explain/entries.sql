--% from 'macros/graph.sql' import entries
-- The latest entry of each segment of the profile.
SELECT
    e.segment_id,
    coalesce(e.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.timestamp,
    e.seq
FROM (
    {{ entries(members) | trim | indent(4) }}
) AS e;
