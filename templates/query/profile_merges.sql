--% from 'macros/latest.sql' import latest
-- The latest entry of each profile: the landed row that decided where it points.
WITH latest AS (
    {{ latest(
        columns = [
            ['u.segment_id' | exact, 'segment_id'],
            ['u.seq', 'seq'],
            ['u.received_at', 'received_at'],
            ['u.uuid_ts', 'uuid_ts'],
        ],
        from  = landed.id_graph_updates,
        where = 'u.segment_id IS NOT NULL' ~ ('\n  AND EXISTS (SELECT 1 FROM ' ~ affected ~ ' AS a WHERE a.segment_id = ' ~ ('u.segment_id' | exact) ~ ')' if affected else ''),
        each  = ['segment_id'],
        order = later.id_graph_updates,
    ) | trim | indent(4) }}
)
SELECT
    g.canonical_segment_id,
    g.segment_id,
    l.seq,
    l.received_at,
    l.uuid_ts,
    g.timestamp
--% include 'query/parts/affected_graph.sql'
LEFT JOIN latest AS l ON l.segment_id = g.segment_id
