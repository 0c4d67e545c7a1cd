--# The first step to the graph: a common table expression, or a work table where the planner needs to know its size.
--% from 'macros/latest.sql' import latest
--# `in_order`: with the columns that order them in time.
--% macro entries(affected, in_order=true)
{{ latest(
    columns = [
        ['u.segment_id' | exact, 'segment_id'],
        ['u.canonical_segment_id' | exact, 'canonical_segment_id'],
        ['u.timestamp', 'timestamp'],
    ] + ([
        ['u.seq', 'seq'],
        ['u.uuid_ts', 'uuid_ts'],
        ['u.id', 'id'],
    ] if in_order else []),
    from  = landed.id_graph_updates,
    where = 'u.segment_id IS NOT NULL' ~ ('\n  AND EXISTS (SELECT 1 FROM ' ~ affected ~ ' AS a WHERE a.segment_id = ' ~ ('u.segment_id' | exact) ~ ')' if affected else ''),
    each  = ['segment_id'],
    order = later.id_graph_updates,
) | trim }}
--% endmacro
