--# One round: each profile takes the way of the one that it has reached, and so on for every further name.
--% macro round(names, from, with_ages)
--% set first = names[0]
SELECT
    {{ first }}.segment_id,
    coalesce({{ names | reverse | map('suffix', '.canonical_segment_id') | join(', ') }}) AS canonical_segment_id,
    {{ sql.greatest(of=names | map('suffix', '.timestamp')) }} AS timestamp{{ "," if with_ages }}
--% if with_ages
    {{ first }}.age,
    {{ sql.greatest(of=names | map('suffix', '.oldest')) }} AS oldest
--% endif
FROM {{ from }} AS {{ first }}
--% for next in names[1:]
LEFT JOIN {{ from }} AS {{ next }} ON {{ next }}.segment_id = {{ names[loop.index0] }}.canonical_segment_id
--% endfor
--% endmacro
