-- 0002 incremental to table
--
--   The way back.
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- How far each incremental model has read each landed table.
CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    -- Built by idgraph.
    model        text,
    landed       text,
    loaded_until text,
    object_id    text,
    landed_id    text,
    PRIMARY KEY (model, landed)
);

-- id_graph is refreshed from now on: it notes how far it has read. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- Noted before they are read.
-- What was read from the graph so far may be of profiles that it no longer has: all models begin anew.
DELETE FROM acme.idgraph_watermarks;

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
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u WHERE u.uuid_ts <= strftime('%Y-%m-%d %H:%M:%f', 'now')),
    (
        SELECT s.rowid || '.' || s.rootpage || coalesce((
            SELECT ' ' || group_concat(c.name || '=' || c.cid, ' ')
            FROM pragma_table_info('id_graph', 'acme') AS c
            WHERE c.name IN ('segment_id', 'canonical_segment_id', 'timestamp')
        ), '')
        FROM acme.sqlite_schema AS s
        WHERE s.type = 'table'
          AND s.name = 'id_graph'
    ),
    coalesce((
        SELECT s.rowid || '.' || s.rootpage || coalesce((
            SELECT ' ' || group_concat(c.name || '=' || c.cid, ' ')
            FROM pragma_table_info('id_graph_updates', 'acme') AS c
            WHERE c.name IN ('id', 'segment_id', 'canonical_segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp')
        ), '')
        FROM acme.sqlite_schema AS s
        WHERE s.type = 'table'
          AND s.name = 'id_graph_updates'
    ), '');

-- idgraph: destructive acme.id_graph
DELETE FROM acme.id_graph;

INSERT INTO acme.id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
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
                    u.timestamp DESC,
                    u.seq DESC,
                    u.uuid_ts DESC,
                    u.id DESC,
                    u.canonical_segment_id DESC
            ) AS nth_latest
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
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
chain AS (
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
        max(coalesce(m.timestamp, c.timestamp), coalesce(c.timestamp, m.timestamp))
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
                m.timestamp,
                m.seq,
                m.uuid_ts,
                m.id,
                m.canonical_segment_id,
                m.segment_id
        ) AS age
    FROM merged AS m
    WHERE m.goes_on
      AND NOT EXISTS (SELECT 1 FROM ended AS c WHERE c.segment_id = m.segment_id)
),
-- From each that has a newer one before it, walk on as long as what it meets is newer: who comes back to itself is
-- the oldest of its cycle.
-- UNION forgets what it has seen, so that a walk which cannot come back ends.
walk AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached
    FROM astray AS a
    WHERE EXISTS (
        SELECT 1
        FROM astray AS p
        WHERE p.canonical_segment_id = a.segment_id
          AND p.age > a.age
    )

    UNION

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
),
head AS (
    SELECT w.segment_id
    FROM walk AS w
    WHERE w.reached = w.segment_id
),
-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it.
around AS (
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
        max(coalesce(a.timestamp, r.timestamp), coalesce(r.timestamp, a.timestamp))
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

-- external_id_mapping is built from what changes above. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: destructive acme.external_id_mapping
DELETE FROM acme.external_id_mapping;

INSERT INTO acme.external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
WITH
-- The latest landed row of each external id decides who holds it.
decisive AS (
    SELECT
        ranked.external_id_type,
        ranked.external_id_value,
        ranked.external_id_hash,
        ranked.segment_id,
        ranked.seq,
        ranked.received_at,
        ranked.uuid_ts,
        ranked.timestamp,
        ranked.id
    FROM (
        SELECT
            u.external_id_type,
            u.external_id_value,
            u.external_id_hash,
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id,
            row_number() OVER (
                PARTITION BY u.external_id_type, u.external_id_value
                ORDER BY
                    u.timestamp DESC,
                    u.seq DESC,
                    u.uuid_ts DESC,
                    u.id DESC,
                    u.segment_id DESC
            ) AS nth_latest
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
    ) AS ranked
    WHERE ranked.nth_latest = 1
),
latest AS (
    SELECT
        d.*,
        coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
    FROM decisive AS d
    LEFT JOIN acme.id_graph AS g ON g.segment_id = d.segment_id
)
SELECT
    l.canonical_segment_id,
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, sha1(l.external_id_type || l.external_id_value)) AS external_id_hash,
    l.timestamp
FROM latest AS l;

-- profile_traits is built from what changes above. Its rows are computed anew, in place:
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
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        CAST(coalesce(g.canonical_segment_id, t.segment_id) AS text) AS canonical_segment_id,
        t.email,
        t.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t.timestamp,
                t.uuid_ts,
                t.id,
                t.segment_id
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
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
