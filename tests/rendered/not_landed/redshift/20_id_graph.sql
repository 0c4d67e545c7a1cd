-- One row for every profile id ever seen: where it points now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE TABLE IF NOT EXISTS acme.id_graph (
    segment_id           varchar(65535),
    canonical_segment_id varchar(65535),
    "timestamp"          timestamptz
)
DISTKEY (segment_id)
SORTKEY (segment_id, canonical_segment_id)
;

COMMENT ON TABLE acme.id_graph IS 'One row for every profile id ever seen: where it points now. Built by idgraph.';
COMMENT ON COLUMN acme.id_graph.segment_id           IS 'A profile id, merged away or not';
COMMENT ON COLUMN acme.id_graph.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.id_graph."timestamp"          IS 'When it came to point there';

BEGIN TRANSACTION;

-- One run at a time: this lock is exclusive, and people do not read this table. The first query takes the snapshot, so the
-- lock comes before it.
LOCK acme.idgraph_watermarks;

DROP TABLE IF EXISTS id_graph_window;

CREATE TEMPORARY TABLE id_graph_window
AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 1
)
SELECT
    coalesce(
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01 00:00:00+00' AS timestamptz)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u WHERE u.uuid_ts <= sysdate) AS graph_read_to,
    (SELECT count(*) FROM noted) = 0 AS is_first;

DROP TABLE IF EXISTS id_graph_affected;

CREATE TEMPORARY TABLE id_graph_affected
DISTKEY (segment_id)
AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM id_graph_window AS w)
                  AND (SELECT w.graph_until FROM id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM id_graph_window AS w)
                  AND (SELECT w.graph_until FROM id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- And all that belong to the same profile as one of them: their way may lead through it.
together AS (
    SELECT
        n.segment_id,
        1 AS is_named
    FROM named AS n

    UNION ALL

    SELECT
        member.segment_id,
        0
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM named AS n
        JOIN acme.id_graph AS own ON own.segment_id = n.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.segment_id,
        0
    FROM acme.id_graph AS kept
    WHERE (SELECT w.is_first FROM id_graph_window AS w)
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;

DROP TABLE IF EXISTS id_graph_built;

CREATE TEMPORARY TABLE id_graph_built
DISTKEY (segment_id)
AS
WITH RECURSIVE
-- The latest entry of each profile. One without a canonical id names the profile itself: left NULL here, since
-- a plain column is what some planners need to look it up.
entry AS (
    SELECT
        ranked.segment_id,
        ranked.canonical_segment_id,
        ranked.timestamp,
        ranked.seq,
        ranked.uuid_ts,
        ranked.id
    FROM (
        SELECT
            u.segment_id,
            u.canonical_segment_id,
            u.timestamp,
            u.seq,
            u.uuid_ts,
            u.id,
            row_number() OVER (
                PARTITION BY u.segment_id
                ORDER BY
                    u."timestamp" DESC NULLS LAST,
                    u.seq DESC NULLS LAST,
                    u.uuid_ts DESC NULLS LAST,
                    u.id DESC NULLS LAST,
                    u.canonical_segment_id DESC NULLS LAST
            ) AS nth_latest
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM id_graph_affected AS a WHERE a.segment_id = u.segment_id)
    ) AS ranked
    WHERE ranked.nth_latest = 1
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
chain (segment_id, canonical_segment_id, "timestamp") AS (
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
                m."timestamp" ASC NULLS FIRST,
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
        CAST('/' || CAST(a.age AS varchar(65535)) || '/' AS varchar(65535)) AS way
    FROM astray AS a

    UNION ALL

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id,
        CAST(w.way || CAST(a.age AS varchar(65535)) || '/' AS varchar(65535))
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
        AND NOT (strpos(w.way, '/' || CAST(a.age AS varchar(65535)) || '/') > 0)
),
head AS (
    SELECT w.segment_id
    FROM walk AS w
    WHERE w.reached = w.segment_id
),
-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it.
around (segment_id, canonical_segment_id, "timestamp") AS (
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
  AND EXISTS (SELECT 1 FROM id_graph_affected AS a WHERE a.segment_id = u.canonical_segment_id)
  AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id;

DROP TABLE IF EXISTS id_graph_told;

CREATE TEMPORARY TABLE id_graph_told
DISTKEY (segment_id)
AS
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM id_graph_built AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM id_graph_affected AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            u.canonical_segment_id,
            0
        FROM id_graph_affected AS n
        JOIN acme.id_graph_updates AS u
            ON u.segment_id = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN id_graph_built AS own
        ON  own.segment_id = t.segment_id
    GROUP BY own.canonical_segment_id
) AS profile
    ON profile.canonical_segment_id = member.canonical_segment_id;

-- Where the graph was made again, and where a profile is gone or moved without what landed since, as after an entry was changed
-- in place: all that read the graph begin anew.
DELETE FROM acme.idgraph_watermarks
WHERE (SELECT w.is_first FROM id_graph_window AS w)
   OR EXISTS (
    SELECT 1
    FROM id_graph_affected AS a
    JOIN acme.id_graph AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN id_graph_built AS built
        ON  built.segment_id = kept.segment_id
    LEFT JOIN id_graph_told AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN id_graph_told AS origin
        ON origin.segment_id = kept.canonical_segment_id
    WHERE built.segment_id IS NULL
       OR (
           built.canonical_segment_id <> kept.canonical_segment_id
           AND (mover.is_named IS NULL OR mover.is_named = 0 OR origin.segment_id IS NULL)
       )
);

DELETE FROM acme.id_graph
WHERE EXISTS (
    SELECT 1
    FROM id_graph_affected AS a
    WHERE a.segment_id = id_graph.segment_id
);

INSERT INTO acme.id_graph (
    segment_id,
    canonical_segment_id,
    "timestamp"
)
SELECT
    built.segment_id,
    built.canonical_segment_id,
    built."timestamp"
FROM id_graph_built AS built;

DELETE FROM acme.idgraph_watermarks WHERE model = 'id_graph';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'id_graph',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM id_graph_window AS w),
    CAST(NULL AS varchar(65535)),
    CAST(NULL AS varchar(65535))
;

COMMIT;
