--% if not stepped
--% include 'templates/query/id_graph.sql'
--% else
-- An entry is where a profile points, unless that way goes on. The head of a cycle goes nowhere.
SELECT
    e.segment_id,
    coalesce(c.canonical_segment_id, e.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CASE WHEN c.canonical_segment_id <> e.segment_id THEN c.timestamp ELSE e.timestamp END AS timestamp
FROM {{ stepped.entry }} AS e
LEFT JOIN {{ stepped.chain }} AS c ON c.segment_id = e.segment_id

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    u.canonical_segment_id,
    u.canonical_segment_id,
    min(u.timestamp)
FROM {{ landed.id_graph_updates }} AS u
WHERE u.canonical_segment_id <> u.segment_id
--% if affected
  AND u.canonical_segment_id IN (
    -- Few: only they are looked up.
    SELECT a.segment_id
    FROM {{ affected }} AS a
    WHERE NOT EXISTS (SELECT 1 FROM {{ stepped.entry }} AS e WHERE e.segment_id = a.segment_id)
  )
--% else
  AND NOT EXISTS (SELECT 1 FROM {{ stepped.entry }} AS e WHERE e.segment_id = u.canonical_segment_id)
--% endif
GROUP BY u.canonical_segment_id
--% endif
