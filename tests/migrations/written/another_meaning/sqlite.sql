-- 0002 another meaning
--
--   profile_traits means something else
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- profile_traits means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: destructive acme.profile_traits
DELETE FROM acme.profile_traits;

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
INSERT INTO acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id,
        t.email,
        t.visits,
        t.timestamp,
        t.uuid_ts,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC,
                t.uuid_ts DESC,
                t.id DESC,
                t.segment_id DESC
        ) AS recency
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        CAST(coalesce(g.canonical_segment_id, s.segment_id) AS text) AS canonical_segment_id,
        s.email,
        s.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp,
                s.uuid_ts,
                s.id,
                s.segment_id
        ) AS recency,
        count(*) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS snapshots,
        max(s.timestamp) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS taken_at
    FROM of_segment AS s
    LEFT JOIN acme.id_graph AS g ON g.segment_id = s.segment_id
    WHERE s.recency = 1
),
-- The latest decides every trait, NULL included. Where a merge is later than that, nobody has spoken for the whole profile
-- yet: then each segment's own counts.
resolved AS (
    SELECT
        n.canonical_segment_id,
        n.email,
        n.visits,
        n.recency
    FROM numbered AS n
    LEFT JOIN (
        SELECT
            g.canonical_segment_id,
            max(g.timestamp) AS merged_at
        FROM acme.id_graph AS g
        WHERE g.segment_id <> g.canonical_segment_id
        GROUP BY g.canonical_segment_id
    ) AS m ON m.canonical_segment_id = n.canonical_segment_id
    WHERE n.recency = n.snapshots
       OR m.merged_at > n.taken_at
       OR (n.taken_at IS NULL AND m.merged_at IS NOT NULL)
),
-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max(CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.email THEN r.email END) AS email,
        max(CASE WHEN r.recency = d.visits THEN r.visits END) AS visits
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet. Not a FULL JOIN,
-- which SQLite does without an index: each row of one side with every row of the other.
SELECT
    g.segment_id AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
LEFT JOIN latest AS l ON l.canonical_segment_id = g.segment_id

UNION ALL

SELECT
    l.canonical_segment_id,
    l.email,
    l.visits,
    NULL
FROM latest AS l
WHERE NOT EXISTS (SELECT 1 FROM acme.id_graph AS g WHERE g.segment_id = l.canonical_segment_id);
