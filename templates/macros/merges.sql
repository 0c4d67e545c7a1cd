--# The second step to the graph: profiles that were merged, and whether their way goes on.
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
