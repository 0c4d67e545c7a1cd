-- One row for every profile id ever seen: where it points now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF OBJECT_ID('acme.id_graph', 'U') IS NULL
CREATE TABLE acme.id_graph (
    segment_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#id_graph_window') IS NOT NULL
    DROP TABLE #id_graph_window;

CREATE TABLE #id_graph_window
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)
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
        DATEADD(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS datetime2(7))
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u WHERE u.uuid_ts <= sysutcdatetime()) AS graph_read_to,
    CAST(CASE WHEN (SELECT count(*) FROM noted) = 0 THEN 1 ELSE 0 END AS bit) AS is_first;

IF OBJECT_ID('tempdb..#id_graph_affected') IS NOT NULL
    DROP TABLE #id_graph_affected;

CREATE TABLE #id_graph_affected
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM #id_graph_window AS w)
                  AND (SELECT w.graph_until FROM #id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM #id_graph_window AS w)
                  AND (SELECT w.graph_until FROM #id_graph_window AS w)
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
    WHERE ((SELECT w.is_first FROM #id_graph_window AS w) = 1)
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;

-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
IF OBJECT_ID('tempdb..#id_graph_entry') IS NOT NULL
    DROP TABLE #id_graph_entry;

CREATE TABLE #id_graph_entry
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    ranked.segment_id,
    ranked.canonical_segment_id,
    ranked.timestamp,
    ranked.seq,
    ranked.uuid_ts,
    ranked.id
FROM (
    SELECT
        u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id,
        u.timestamp,
        u.seq,
        u.uuid_ts,
        u.id,
        row_number() OVER (
            PARTITION BY u.segment_id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                u.timestamp DESC,
                CAST(u.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                u.uuid_ts DESC,
                CAST(u.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS nth_latest
    FROM acme.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM #id_graph_affected AS a WHERE a.segment_id = u.segment_id COLLATE Latin1_General_100_BIN2_UTF8)
) AS ranked
WHERE ranked.nth_latest = 1;

-- Profiles that were merged into another, and whether that one was merged in turn.
IF OBJECT_ID('tempdb..#id_graph_merged') IS NOT NULL
    DROP TABLE #id_graph_merged;

CREATE TABLE #id_graph_merged
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    e.seq,
    e.uuid_ts,
    e.id,
    CAST(CASE WHEN onward.segment_id IS NOT NULL THEN 1 ELSE 0 END AS bit) AS goes_on
FROM #id_graph_entry AS e
LEFT JOIN #id_graph_entry AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id;

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
IF OBJECT_ID('tempdb..#id_graph_leap_0') IS NOT NULL
    DROP TABLE #id_graph_leap_0;

CREATE TABLE #id_graph_leap_0
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    n.segment_id,
    n.canonical_segment_id,
    n.timestamp,
    n.age,
    n.age AS oldest
FROM (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                m.timestamp DESC,
                CAST(m.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                m.uuid_ts DESC,
                CAST(m.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(m.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(m.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS age
    FROM #id_graph_merged AS m
    WHERE (m.goes_on = 1)
) AS n;

-- In every round each looks 2 times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees 16,384 merges far.
IF OBJECT_ID('tempdb..#id_graph_leap_1') IS NOT NULL
    DROP TABLE #id_graph_leap_1;

CREATE TABLE #id_graph_leap_1
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_0 AS a
LEFT JOIN #id_graph_leap_0 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_2') IS NOT NULL
    DROP TABLE #id_graph_leap_2;

CREATE TABLE #id_graph_leap_2
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_1 AS a
LEFT JOIN #id_graph_leap_1 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_3') IS NOT NULL
    DROP TABLE #id_graph_leap_3;

CREATE TABLE #id_graph_leap_3
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_2 AS a
LEFT JOIN #id_graph_leap_2 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_4') IS NOT NULL
    DROP TABLE #id_graph_leap_4;

CREATE TABLE #id_graph_leap_4
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_3 AS a
LEFT JOIN #id_graph_leap_3 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_5') IS NOT NULL
    DROP TABLE #id_graph_leap_5;

CREATE TABLE #id_graph_leap_5
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_4 AS a
LEFT JOIN #id_graph_leap_4 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_6') IS NOT NULL
    DROP TABLE #id_graph_leap_6;

CREATE TABLE #id_graph_leap_6
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_5 AS a
LEFT JOIN #id_graph_leap_5 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_7') IS NOT NULL
    DROP TABLE #id_graph_leap_7;

CREATE TABLE #id_graph_leap_7
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_6 AS a
LEFT JOIN #id_graph_leap_6 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_8') IS NOT NULL
    DROP TABLE #id_graph_leap_8;

CREATE TABLE #id_graph_leap_8
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_7 AS a
LEFT JOIN #id_graph_leap_7 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_9') IS NOT NULL
    DROP TABLE #id_graph_leap_9;

CREATE TABLE #id_graph_leap_9
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_8 AS a
LEFT JOIN #id_graph_leap_8 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_10') IS NOT NULL
    DROP TABLE #id_graph_leap_10;

CREATE TABLE #id_graph_leap_10
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_9 AS a
LEFT JOIN #id_graph_leap_9 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_11') IS NOT NULL
    DROP TABLE #id_graph_leap_11;

CREATE TABLE #id_graph_leap_11
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_10 AS a
LEFT JOIN #id_graph_leap_10 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_12') IS NOT NULL
    DROP TABLE #id_graph_leap_12;

CREATE TABLE #id_graph_leap_12
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_11 AS a
LEFT JOIN #id_graph_leap_11 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap_13') IS NOT NULL
    DROP TABLE #id_graph_leap_13;

CREATE TABLE #id_graph_leap_13
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_12 AS a
LEFT JOIN #id_graph_leap_12 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_leap') IS NOT NULL
    DROP TABLE #id_graph_leap;

CREATE TABLE #id_graph_leap
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp,
    a.age,
    CASE WHEN a.oldest >= b.oldest OR b.oldest IS NULL THEN a.oldest ELSE b.oldest END AS oldest
FROM #id_graph_leap_13 AS a
LEFT JOIN #id_graph_leap_13 AS b ON b.segment_id = a.canonical_segment_id;

-- From there one step leads to the end.
IF OBJECT_ID('tempdb..#id_graph_chain') IS NOT NULL
    DROP TABLE #id_graph_chain;

CREATE TABLE #id_graph_chain
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM #id_graph_merged AS m
WHERE NOT (m.goes_on = 1)

UNION ALL

SELECT
    l.segment_id,
    m.canonical_segment_id,
    CASE WHEN l.timestamp >= m.timestamp OR m.timestamp IS NULL THEN l.timestamp ELSE m.timestamp END
FROM #id_graph_leap AS l
JOIN #id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND NOT (m.goes_on = 1);

-- What has not ended runs into a cycle (merges that landed out of order).
IF OBJECT_ID('tempdb..#id_graph_astray') IS NOT NULL
    DROP TABLE #id_graph_astray;

CREATE TABLE #id_graph_astray
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    l.segment_id,
    l.canonical_segment_id,
    l.age,
    l.oldest
FROM #id_graph_leap AS l
JOIN #id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND (m.goes_on = 1);

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
IF OBJECT_ID('tempdb..#id_graph_head') IS NOT NULL
    DROP TABLE #id_graph_head;

CREATE TABLE #id_graph_head
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT a.segment_id
FROM #id_graph_astray AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM #id_graph_astray AS r);

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
IF OBJECT_ID('tempdb..#id_graph_way_0') IS NOT NULL
    DROP TABLE #id_graph_way_0;

CREATE TABLE #id_graph_way_0
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.canonical_segment_id ELSE a.segment_id END AS canonical_segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.timestamp END AS timestamp
FROM #id_graph_astray AS a
JOIN #id_graph_merged AS m ON m.segment_id = a.segment_id
LEFT JOIN #id_graph_head AS h ON h.segment_id = a.segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_1') IS NOT NULL
    DROP TABLE #id_graph_way_1;

CREATE TABLE #id_graph_way_1
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_0 AS a
LEFT JOIN #id_graph_way_0 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_2') IS NOT NULL
    DROP TABLE #id_graph_way_2;

CREATE TABLE #id_graph_way_2
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_1 AS a
LEFT JOIN #id_graph_way_1 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_3') IS NOT NULL
    DROP TABLE #id_graph_way_3;

CREATE TABLE #id_graph_way_3
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_2 AS a
LEFT JOIN #id_graph_way_2 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_4') IS NOT NULL
    DROP TABLE #id_graph_way_4;

CREATE TABLE #id_graph_way_4
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_3 AS a
LEFT JOIN #id_graph_way_3 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_5') IS NOT NULL
    DROP TABLE #id_graph_way_5;

CREATE TABLE #id_graph_way_5
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_4 AS a
LEFT JOIN #id_graph_way_4 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_6') IS NOT NULL
    DROP TABLE #id_graph_way_6;

CREATE TABLE #id_graph_way_6
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_5 AS a
LEFT JOIN #id_graph_way_5 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_7') IS NOT NULL
    DROP TABLE #id_graph_way_7;

CREATE TABLE #id_graph_way_7
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_6 AS a
LEFT JOIN #id_graph_way_6 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_8') IS NOT NULL
    DROP TABLE #id_graph_way_8;

CREATE TABLE #id_graph_way_8
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_7 AS a
LEFT JOIN #id_graph_way_7 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_9') IS NOT NULL
    DROP TABLE #id_graph_way_9;

CREATE TABLE #id_graph_way_9
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_8 AS a
LEFT JOIN #id_graph_way_8 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_10') IS NOT NULL
    DROP TABLE #id_graph_way_10;

CREATE TABLE #id_graph_way_10
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_9 AS a
LEFT JOIN #id_graph_way_9 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_11') IS NOT NULL
    DROP TABLE #id_graph_way_11;

CREATE TABLE #id_graph_way_11
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_10 AS a
LEFT JOIN #id_graph_way_10 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_12') IS NOT NULL
    DROP TABLE #id_graph_way_12;

CREATE TABLE #id_graph_way_12
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_11 AS a
LEFT JOIN #id_graph_way_11 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way_13') IS NOT NULL
    DROP TABLE #id_graph_way_13;

CREATE TABLE #id_graph_way_13
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_12 AS a
LEFT JOIN #id_graph_way_12 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_way') IS NOT NULL
    DROP TABLE #id_graph_way;

CREATE TABLE #id_graph_way
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_13 AS a
LEFT JOIN #id_graph_way_13 AS b ON b.segment_id = a.canonical_segment_id;

IF OBJECT_ID('tempdb..#id_graph_built') IS NOT NULL
    DROP TABLE #id_graph_built;

CREATE TABLE #id_graph_built
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM #id_graph_chain AS c

UNION ALL

SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM #id_graph_way AS r
WHERE r.segment_id <> r.canonical_segment_id

UNION ALL

SELECT
    e.segment_id,
    e.segment_id,
    e.timestamp
FROM #id_graph_entry AS e
WHERE e.canonical_segment_id = e.segment_id
   OR e.canonical_segment_id IS NULL
   OR e.segment_id IN (SELECT h.segment_id FROM #id_graph_head AS h)

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8,
    u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8,
    min(u.timestamp)
FROM acme.id_graph_updates AS u
WHERE u.segment_id IS NOT NULL
  AND u.canonical_segment_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM #id_graph_affected AS a WHERE a.segment_id = u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8)
  AND NOT EXISTS (SELECT 1 FROM #id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8)
GROUP BY u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8;

IF OBJECT_ID('tempdb..#id_graph_told') IS NOT NULL
    DROP TABLE #id_graph_told;

CREATE TABLE #id_graph_told
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM #id_graph_built AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM #id_graph_affected AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id,
            0
        FROM #id_graph_affected AS n
        JOIN acme.id_graph_updates AS u
            ON u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN #id_graph_built AS own
        ON  own.segment_id = t.segment_id
    GROUP BY own.canonical_segment_id
) AS profile
    ON profile.canonical_segment_id = member.canonical_segment_id;

BEGIN TRANSACTION;

-- Where the graph was made again, and where a profile is gone or moved without what landed since, as after an entry was changed
-- in place: all that read the graph begin anew.
DELETE FROM acme.idgraph_watermarks
WHERE ((SELECT w.is_first FROM #id_graph_window AS w) = 1)
   OR EXISTS (
    SELECT 1
    FROM #id_graph_affected AS a
    JOIN acme.id_graph AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN #id_graph_built AS built
        ON  built.segment_id = kept.segment_id
    LEFT JOIN #id_graph_told AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN #id_graph_told AS origin
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
    FROM #id_graph_affected AS a
    WHERE a.segment_id = id_graph.segment_id
);

INSERT INTO acme.id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
SELECT
    built.segment_id,
    built.canonical_segment_id,
    built.timestamp
FROM #id_graph_built AS built;

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
    (SELECT w.graph_read_to FROM #id_graph_window AS w),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))
;

COMMIT;
