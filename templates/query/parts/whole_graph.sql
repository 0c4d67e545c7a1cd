--# From common table expressions, or from the work tables of the steps.
--% from 'macros/recursion.sql' import found
--% set entry = stepped.entry if stepped else 'entry'
--% set chain = stepped.chain if stepped else found('chain') | trim
--% set around = stepped.way if stepped else found('around') | trim
--% set head = stepped.head if stepped else 'head'
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM {{ chain }} AS c

UNION ALL

SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM {{ around }} AS r
WHERE r.segment_id <> r.canonical_segment_id

UNION ALL

SELECT
    e.segment_id,
    e.segment_id,
    e.timestamp
FROM {{ entry }} AS e
WHERE e.canonical_segment_id = e.segment_id
   OR e.canonical_segment_id IS NULL
   OR e.segment_id IN (SELECT h.segment_id FROM {{ head }} AS h)

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    {{ 'u.canonical_segment_id' | exact }},
    {{ 'u.canonical_segment_id' | exact }},
    min(u.timestamp)
FROM {{ landed.id_graph_updates }} AS u
WHERE u.segment_id IS NOT NULL
  AND u.canonical_segment_id IS NOT NULL
--% if affected
  AND EXISTS (SELECT 1 FROM {{ affected }} AS a WHERE a.segment_id = {{ 'u.canonical_segment_id' | exact }})
--% endif
  AND NOT EXISTS (SELECT 1 FROM {{ entry }} AS e WHERE e.segment_id = {{ 'u.canonical_segment_id' | exact }})
GROUP BY {{ 'u.canonical_segment_id' | exact }}
