-- 0002 table to dynamic
--
--   id_graph is a dynamic table now, and was a table
--   profile_traits is a dynamic table now, and was a table
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- profile_traits is to be a dynamic table: the table makes room for it.
-- idgraph: destructive acme.profile_traits
DROP TABLE acme.profile_traits;

-- id_graph is to be a dynamic table: the table makes room for it.
-- idgraph: destructive acme.id_graph
DROP TABLE acme.id_graph;

-- Changes

-- id_graph, made anew.
-- Snowflake keeps it up to date by itself; made once more, it is computed anew. To make it takes CREATE DYNAMIC TABLE on
-- the schema and USAGE on the warehouse.
CREATE OR REPLACE DYNAMIC TABLE acme.id_graph (
    segment_id           varchar      COMMENT 'A profile id, merged away or not',
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    timestamp            timestamp_tz COMMENT 'When it came to point there'
)
TARGET_LAG = '60 minutes'
WAREHOUSE = transforming
REFRESH_MODE = FULL
CLUSTER BY (segment_id)
COMMENT = 'One row for every profile id ever seen: where it points now. Built by idgraph.'
COPY GRANTS
AS
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
        greatest_ignore_nulls(m.timestamp, c.timestamp)
    FROM chain AS c
    JOIN merged AS m
        ON  m.canonical_segment_id = c.segment_id
        AND m.goes_on
),
-- What has come to an end. DISTINCT, since planners guess a recursive query's rows far too high and would prepare
-- for them all.
ended AS (
    SELECT DISTINCT c.segment_id
    FROM chain AS c
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
        CAST('/' || CAST(a.age AS varchar) || '/' AS varchar) AS way
    FROM astray AS a

    UNION ALL

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id,
        CAST(w.way || CAST(a.age AS varchar) || '/' AS varchar)
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
        AND NOT contains(w.way, '/' || CAST(a.age AS varchar) || '/')
),
head AS (
    SELECT w.segment_id
    FROM walk AS w
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
        greatest_ignore_nulls(a.timestamp, r.timestamp)
    FROM around AS r
    JOIN astray AS a
        ON  a.canonical_segment_id = r.segment_id
        AND r.segment_id <> r.canonical_segment_id
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c

UNION ALL

SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM around AS r
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

-- profile_traits, made anew.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- Snowflake keeps it up to date by itself; made once more, it is computed anew. To make it takes CREATE DYNAMIC TABLE on
-- the schema and USAGE on the warehouse.
CREATE OR REPLACE DYNAMIC TABLE acme.profile_traits (
    canonical_segment_id varchar       COMMENT 'A profile id, merged away or not',
    email                varchar       COMMENT 'Trait email',
    visits               number(38, 0) COMMENT 'Trait visits',
    merged_to            varchar       COMMENT 'The profile that this one was merged into; NULL for a canonical one'
)
TARGET_LAG = '60 minutes'
WAREHOUSE = transforming
REFRESH_MODE = AUTO
CLUSTER BY (canonical_segment_id)
COMMENT = 'One row for every profile id: the last value of each trait. Built by idgraph.'
COPY GRANTS
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t.timestamp ASC NULLS FIRST,
                t.uuid_ts ASC NULLS FIRST,
                t.id ASC NULLS FIRST,
                t.segment_id ASC NULLS FIRST
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
),
-- One pass for all traits: the latest value of each. max_by passes over rows whose second argument is NULL.
latest AS (
    SELECT
        r.canonical_segment_id,
        max_by(r.email, CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max_by(r.visits, CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
