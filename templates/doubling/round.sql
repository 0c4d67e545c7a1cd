--# One round: each profile takes the way of the one that it has reached, and so on for every further name.
--% macro round(names, from, with_ages)
--% set first = names[0]
--% set ns = namespace(timestamp=first ~ '.timestamp', oldest=first ~ '.oldest', reached=first ~ '.canonical_segment_id')
--% for next in names[1:]
--% set ns.timestamp = sql.greatest(a=ns.timestamp, b=next ~ '.timestamp')
--% set ns.oldest = sql.greatest(a=ns.oldest, b=next ~ '.oldest')
--% set ns.reached = next ~ '.canonical_segment_id, ' ~ ns.reached
--% endfor
SELECT
    {{ first }}.segment_id,
    coalesce({{ ns.reached }}) AS canonical_segment_id,
    {{ ns.timestamp }} AS timestamp{{ "," if with_ages }}
--% if with_ages
    {{ first }}.age,
    {{ ns.oldest }} AS oldest
--% endif
FROM {{ from }} AS {{ first }}
--% for next in names[1:]
LEFT JOIN {{ from }} AS {{ next }} ON {{ next }}.segment_id = {{ names[loop.index0] }}.canonical_segment_id
--% endfor
--% endmacro
