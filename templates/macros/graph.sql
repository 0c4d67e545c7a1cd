--# The first steps to the graph: common table expressions, or work tables where the planner needs to know their size.
--% from 'macros/latest.sql' import latest
--% macro entries(affected)
{{ latest(
    columns = [
        ['u.segment_id', 'segment_id'],
        ['u.canonical_segment_id', 'canonical_segment_id'],
        ['u.timestamp', 'timestamp'],
        ['u.seq', 'seq'],
        ['u.uuid_ts', 'uuid_ts'],
        ['u.id', 'id'],
    ],
    from  = landed.id_graph_updates,
    where = 'u.segment_id IS NOT NULL' ~ ('\n  AND EXISTS (SELECT 1 FROM ' ~ affected ~ ' AS a WHERE a.segment_id = u.segment_id)' if affected else ''),
    each  = ['segment_id'],
    order = later.id_graph_updates,
) | trim }}
--% endmacro
