--# `in_view`: for the text of a view. In a query of idgraph's own each group is one row: the planner takes a join with a
--# common table expression for millions of rows, and so few groups for two hundred. What follows is then hashed, and in a
--# recursion once, not in every round.
--% macro merges(entry, in_order=true, in_view=false)
SELECT
    e.segment_id,
--% for column in ['canonical_segment_id', 'timestamp'] + (['seq', 'uuid_ts', 'id'] if in_order else [])
    {{ 'e.' ~ column if in_view else 'min(e.' ~ column ~ ') AS ' ~ column }},
--% endfor
    {{ 'onward.segment_id IS NOT NULL' if in_view else 'bool_or(onward.segment_id IS NOT NULL)' }} AS goes_on
FROM {{ entry }} AS e
LEFT JOIN {{ entry }} AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id
--% if not in_view
GROUP BY e.segment_id
--% endif
--% endmacro
