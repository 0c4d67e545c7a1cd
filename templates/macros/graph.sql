--# The first steps to the graph: common table expressions, or a work table where the planner needs to know its size.
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

--# `in_view`: for the text of a view.
--% macro merges(entry, in_order=true, in_view=false)
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
--% if in_order
    e.seq,
    e.uuid_ts,
    e.id,
--% endif
    {{ sql.as_value(x='onward.segment_id IS NOT NULL') }} AS goes_on
FROM {{ entry }} AS e
LEFT JOIN {{ entry }} AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id
--% endmacro
