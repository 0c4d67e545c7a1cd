--% from 'macros/graph.sql' import entries
--% from 'macros/later.sql' import latest_last
--% from 'macros/work_table.sql' import work_table
-- In steps: the planner cannot guess the size of a recursion, and does well once it knows the size of each table.
-- First the latest entry of each profile, without what decided that: less to write and to read. One without a canonical
-- id names the profile itself.
{{ work_table(stepped.entry, entries(affected, in_order=false)) | trim }}

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. These go
-- on: the profile that they were merged into was merged in turn.
--% set onward
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    next.canonical_segment_id AS next_segment_id,
    next.timestamp            AS next_timestamp
FROM {{ stepped.entry }} AS e
JOIN {{ stepped.entry }} AS next
    ON  next.segment_id = e.canonical_segment_id
    AND next.canonical_segment_id <> next.segment_id
WHERE e.canonical_segment_id <> e.segment_id
--% endset
{{ work_table(stepped.onward, onward) | trim }}

-- Those that end after the second step, and from there what points to a profile already resolved: every profile is
-- visited once. `goes_on` and not NOT EXISTS, so that the planner expects many ends and hashes those that go on once,
-- not in every round.
--% set chain
WITH RECURSIVE chain (segment_id, canonical_segment_id, timestamp) AS (
    SELECT
        o.segment_id,
        o.next_segment_id,
        {{ sql.greatest(of=['o.timestamp', 'o.next_timestamp']) }}
    FROM {{ stepped.onward }} AS o
    LEFT JOIN (SELECT f.segment_id, true AS goes_on FROM {{ stepped.onward }} AS f) AS further
        ON further.segment_id = o.canonical_segment_id
    WHERE NOT coalesce(further.goes_on, false)

    UNION ALL

    SELECT
        o.segment_id,
        c.canonical_segment_id,
        {{ sql.greatest(of=['o.timestamp', 'c.timestamp']) }}
    FROM chain AS c
    JOIN {{ stepped.onward }} AS o ON o.canonical_segment_id = c.segment_id
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c
--% endset
{{ work_table(stepped.chain, chain) | trim }}

-- What is left runs into a cycle (merges that landed out of order).
--% set lost
SELECT o.segment_id
FROM {{ stepped.onward }} AS o
WHERE NOT EXISTS (SELECT 1 FROM {{ stepped.chain }} AS c WHERE c.segment_id = o.segment_id)
--% endset
{{ work_table(stepped.lost, lost) | trim }}

-- Numbered from the oldest entry to the newest.
--% set astray
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    row_number() OVER (
        ORDER BY
            {{ latest_last('e', later.id_graph_updates) | trim | indent(12) }}
    ) AS age
FROM (
    {{ entries(stepped.lost) | trim | indent(4) }}
) AS e
--% endset
{{ work_table(stepped.astray, astray) | trim }}

INSERT INTO {{ stepped.chain }} (
    segment_id,
    canonical_segment_id,
    timestamp
)
WITH RECURSIVE
--% include 'query/parts/head.sql'
--% include 'query/parts/around.sql'
SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM around AS r;

ANALYZE {{ stepped.chain }};
