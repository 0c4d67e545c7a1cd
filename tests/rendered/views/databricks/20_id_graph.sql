-- One row for every profile id ever seen: where it points now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE OR REPLACE VIEW acme.id_graph (
    segment_id           COMMENT 'A profile id, merged away or not',
    canonical_segment_id COMMENT 'The profile after all merges',
    timestamp            COMMENT 'When it came to point there'
)
AS
-- Built by idgraph.
-- It recurses, and fails after 100 levels. A level is a merge that Segment has not repeated for the profiles below it;
-- where there are more, let id_graph be a table. LIMIT ALL takes away another limit, of 1,000,000 rows.
WITH RECURSIVE
-- The latest entry of each profile. One without a canonical id names the profile itself: left NULL here, since
-- a plain column is what some planners need to look it up.
entry AS (
    SELECT
        u.segment_id,
        u.canonical_segment_id,
        u.timestamp,
        u.seq,
        u.uuid_ts,
        u.id
    FROM acme.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY u.segment_id
        ORDER BY
            u.timestamp DESC NULLS LAST,
            u.seq DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id DESC NULLS LAST,
            u.canonical_segment_id DESC NULLS LAST
    ) = 1
),
-- Profiles that were merged into another, and whether that one was merged in turn.
merged AS (
    SELECT
        e.segment_id,
        e.canonical_segment_id,
        e.timestamp,
        e.seq,
        e.uuid_ts,
        e.id,
        onward.segment_id IS NOT NULL AS goes_on
    FROM entry AS e
    LEFT JOIN entry AS onward
        ON  onward.segment_id = e.canonical_segment_id
        AND onward.canonical_segment_id <> onward.segment_id
    WHERE e.canonical_segment_id <> e.segment_id
),
-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step.
-- From there, take in what points to a profile already resolved: every profile is visited once.
chain (segment_id, canonical_segment_id, timestamp) AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp
    FROM merged AS m
    WHERE NOT m.goes_on

    UNION ALL

    SELECT
        m.segment_id,
        c.canonical_segment_id,
        greatest(m.timestamp, c.timestamp)
    FROM chain AS c
    JOIN merged AS m
        ON  m.canonical_segment_id = c.segment_id
        AND m.goes_on
),
-- What has come to an end. DISTINCT, since planners guess a recursive query's rows far too high and would prepare
-- for them all.
ended AS (
    SELECT DISTINCT c.segment_id
    FROM (SELECT * FROM chain LIMIT ALL) AS c
),
-- What is left runs into a cycle (merges that landed out of order): numbered from the oldest entry to the newest.
astray AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                m.timestamp ASC NULLS FIRST,
                m.seq ASC NULLS FIRST,
                m.uuid_ts ASC NULLS FIRST,
                m.id ASC NULLS FIRST,
                m.canonical_segment_id ASC NULLS FIRST,
                m.segment_id ASC NULLS FIRST
        ) AS age
    FROM merged AS m
    WHERE m.goes_on
      AND NOT EXISTS (SELECT 1 FROM ended AS c WHERE c.segment_id = m.segment_id)
),
-- From each, walk on as long as what it meets is newer: who comes back to itself is the oldest of its cycle.
-- UNION ALL forgets nothing: the way remembers what it has seen, so that a walk which cannot come back ends.
walk (segment_id, age, reached, way) AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached,
        CAST('/' || CAST(a.age AS string) || '/' AS string) AS way
    FROM astray AS a

    UNION ALL

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id,
        CAST(w.way || CAST(a.age AS string) || '/' AS string)
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
        AND NOT contains(w.way, '/' || CAST(a.age AS string) || '/')
),
head AS (
    SELECT w.segment_id
    FROM (SELECT * FROM walk LIMIT ALL) AS w
    WHERE w.reached = w.segment_id
),
-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it.
around (segment_id, canonical_segment_id, timestamp) AS (
    SELECT
        a.segment_id,
        a.canonical_segment_id,
        a.timestamp
    FROM astray AS a
    JOIN head AS h ON h.segment_id = a.canonical_segment_id

    UNION ALL

    SELECT
        a.segment_id,
        r.canonical_segment_id,
        greatest(a.timestamp, r.timestamp)
    FROM around AS r
    JOIN astray AS a
        ON  a.canonical_segment_id = r.segment_id
        AND r.segment_id <> r.canonical_segment_id
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM (SELECT * FROM chain LIMIT ALL) AS c

UNION ALL

SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM (SELECT * FROM around LIMIT ALL) AS r
WHERE r.segment_id <> r.canonical_segment_id

UNION ALL

SELECT
    e.segment_id,
    e.segment_id,
    e.timestamp
FROM entry AS e
WHERE e.canonical_segment_id = e.segment_id
   OR e.canonical_segment_id IS NULL
   OR e.segment_id IN (SELECT h.segment_id FROM head AS h)

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    u.canonical_segment_id,
    u.canonical_segment_id,
    min(u.timestamp)
FROM acme.id_graph_updates AS u
WHERE u.segment_id IS NOT NULL
  AND u.canonical_segment_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id;
