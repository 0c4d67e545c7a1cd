-- 0002 incremental to table
--
--   The way back.
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- How far each incremental model has read each landed table.
IF OBJECT_ID('acme.idgraph_watermarks', 'U') IS NULL
CREATE TABLE acme.idgraph_watermarks (
    model        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    landed       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    loaded_until datetime2(7),
    object_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    landed_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP);
GO

-- id_graph is refreshed from now on: it notes how far it has read. Its rows are computed anew, in a table that takes its place:
-- grants on the old one alone are not on it.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.id_graph', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_id_graph', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_id_graph TO id_graph;
GO

-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
IF OBJECT_ID('tempdb..#id_graph_entry') IS NOT NULL
    DROP TABLE #id_graph_entry;
GO

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
) AS ranked
WHERE ranked.nth_latest = 1;
GO

-- Profiles that were merged into another, and whether that one was merged in turn.
IF OBJECT_ID('tempdb..#id_graph_merged') IS NOT NULL
    DROP TABLE #id_graph_merged;
GO

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
GO

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
IF OBJECT_ID('tempdb..#id_graph_leap_0') IS NOT NULL
    DROP TABLE #id_graph_leap_0;
GO

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
GO

-- In every round each looks 2 times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees 16,384 merges far.
IF OBJECT_ID('tempdb..#id_graph_leap_1') IS NOT NULL
    DROP TABLE #id_graph_leap_1;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_2') IS NOT NULL
    DROP TABLE #id_graph_leap_2;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_3') IS NOT NULL
    DROP TABLE #id_graph_leap_3;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_4') IS NOT NULL
    DROP TABLE #id_graph_leap_4;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_5') IS NOT NULL
    DROP TABLE #id_graph_leap_5;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_6') IS NOT NULL
    DROP TABLE #id_graph_leap_6;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_7') IS NOT NULL
    DROP TABLE #id_graph_leap_7;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_8') IS NOT NULL
    DROP TABLE #id_graph_leap_8;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_9') IS NOT NULL
    DROP TABLE #id_graph_leap_9;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_10') IS NOT NULL
    DROP TABLE #id_graph_leap_10;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_11') IS NOT NULL
    DROP TABLE #id_graph_leap_11;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_12') IS NOT NULL
    DROP TABLE #id_graph_leap_12;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap_13') IS NOT NULL
    DROP TABLE #id_graph_leap_13;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_leap') IS NOT NULL
    DROP TABLE #id_graph_leap;
GO

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
GO

-- From there one step leads to the end.
IF OBJECT_ID('tempdb..#id_graph_chain') IS NOT NULL
    DROP TABLE #id_graph_chain;
GO

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
GO

-- What has not ended runs into a cycle (merges that landed out of order).
IF OBJECT_ID('tempdb..#id_graph_astray') IS NOT NULL
    DROP TABLE #id_graph_astray;
GO

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
GO

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
IF OBJECT_ID('tempdb..#id_graph_head') IS NOT NULL
    DROP TABLE #id_graph_head;
GO

CREATE TABLE #id_graph_head
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT a.segment_id
FROM #id_graph_astray AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM #id_graph_astray AS r);
GO

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
IF OBJECT_ID('tempdb..#id_graph_way_0') IS NOT NULL
    DROP TABLE #id_graph_way_0;
GO

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
GO

IF OBJECT_ID('tempdb..#id_graph_way_1') IS NOT NULL
    DROP TABLE #id_graph_way_1;
GO

CREATE TABLE #id_graph_way_1
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_0 AS a
LEFT JOIN #id_graph_way_0 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_2') IS NOT NULL
    DROP TABLE #id_graph_way_2;
GO

CREATE TABLE #id_graph_way_2
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_1 AS a
LEFT JOIN #id_graph_way_1 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_3') IS NOT NULL
    DROP TABLE #id_graph_way_3;
GO

CREATE TABLE #id_graph_way_3
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_2 AS a
LEFT JOIN #id_graph_way_2 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_4') IS NOT NULL
    DROP TABLE #id_graph_way_4;
GO

CREATE TABLE #id_graph_way_4
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_3 AS a
LEFT JOIN #id_graph_way_3 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_5') IS NOT NULL
    DROP TABLE #id_graph_way_5;
GO

CREATE TABLE #id_graph_way_5
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_4 AS a
LEFT JOIN #id_graph_way_4 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_6') IS NOT NULL
    DROP TABLE #id_graph_way_6;
GO

CREATE TABLE #id_graph_way_6
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_5 AS a
LEFT JOIN #id_graph_way_5 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_7') IS NOT NULL
    DROP TABLE #id_graph_way_7;
GO

CREATE TABLE #id_graph_way_7
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_6 AS a
LEFT JOIN #id_graph_way_6 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_8') IS NOT NULL
    DROP TABLE #id_graph_way_8;
GO

CREATE TABLE #id_graph_way_8
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_7 AS a
LEFT JOIN #id_graph_way_7 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_9') IS NOT NULL
    DROP TABLE #id_graph_way_9;
GO

CREATE TABLE #id_graph_way_9
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_8 AS a
LEFT JOIN #id_graph_way_8 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_10') IS NOT NULL
    DROP TABLE #id_graph_way_10;
GO

CREATE TABLE #id_graph_way_10
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_9 AS a
LEFT JOIN #id_graph_way_9 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_11') IS NOT NULL
    DROP TABLE #id_graph_way_11;
GO

CREATE TABLE #id_graph_way_11
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_10 AS a
LEFT JOIN #id_graph_way_10 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_12') IS NOT NULL
    DROP TABLE #id_graph_way_12;
GO

CREATE TABLE #id_graph_way_12
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_11 AS a
LEFT JOIN #id_graph_way_11 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way_13') IS NOT NULL
    DROP TABLE #id_graph_way_13;
GO

CREATE TABLE #id_graph_way_13
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_12 AS a
LEFT JOIN #id_graph_way_12 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_way') IS NOT NULL
    DROP TABLE #id_graph_way;
GO

CREATE TABLE #id_graph_way
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
SELECT
    a.segment_id,
    coalesce(b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    CASE WHEN a.timestamp >= b.timestamp OR b.timestamp IS NULL THEN a.timestamp ELSE b.timestamp END AS timestamp
FROM #id_graph_way_13 AS a
LEFT JOIN #id_graph_way_13 AS b ON b.segment_id = a.canonical_segment_id;
GO

IF OBJECT_ID('tempdb..#id_graph_built') IS NOT NULL
    DROP TABLE #id_graph_built;
GO

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
  AND NOT EXISTS (SELECT 1 FROM #id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8)
GROUP BY u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8;
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_id_graph', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_id_graph;
GO

IF OBJECT_ID('acme.idgraph_old_id_graph', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_id_graph;
GO

CREATE TABLE acme.idgraph_next_id_graph (
    segment_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
SELECT
    new.segment_id,
    new.canonical_segment_id,
    new.timestamp
FROM #id_graph_built AS new;
GO

-- idgraph: destructive acme.id_graph
RENAME OBJECT acme.id_graph TO idgraph_old_id_graph;
GO
RENAME OBJECT acme.idgraph_next_id_graph TO id_graph;
GO

DROP TABLE acme.idgraph_old_id_graph;
GO

-- external_id_mapping is built from what changes above. Its rows are computed anew, in a table that takes its place:
-- grants on the old one alone are not on it.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.external_id_mapping', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_external_id_mapping', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_external_id_mapping TO external_id_mapping;
GO

IF OBJECT_ID('tempdb..#external_id_mapping_built') IS NOT NULL
    DROP TABLE #external_id_mapping_built;
GO

CREATE TABLE #external_id_mapping_built
WITH (DISTRIBUTION = HASH (external_id_value), HEAP)
AS
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
            u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_type,
            u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_value,
            u.external_id_hash,
            u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id,
            row_number() OVER (
                PARTITION BY
                    u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8,
                    u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8
                ORDER BY
                    u.timestamp DESC,
                    CAST(u.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    u.uuid_ts DESC,
                    CAST(u.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    CAST(u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
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
    coalesce(l.external_id_hash, lower(CONVERT(
        varchar(40), HASHBYTES('SHA1', CAST(l.external_id_type + l.external_id_value AS varchar(8000))), 2
    ))) AS external_id_hash,
    l.timestamp
FROM latest AS l;
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_external_id_mapping', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_external_id_mapping;
GO

IF OBJECT_ID('acme.idgraph_old_external_id_mapping', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_external_id_mapping;
GO

CREATE TABLE acme.idgraph_next_external_id_mapping (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_type     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_value    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_hash     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (external_id_value), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.external_id_type,
    new.external_id_value,
    new.external_id_hash,
    new.timestamp
FROM #external_id_mapping_built AS new;
GO

-- idgraph: destructive acme.external_id_mapping
RENAME OBJECT acme.external_id_mapping TO idgraph_old_external_id_mapping;
GO
RENAME OBJECT acme.idgraph_next_external_id_mapping TO external_id_mapping;
GO

DROP TABLE acme.idgraph_old_external_id_mapping;
GO

-- profile_traits is built from what changes above. Its rows are computed anew, in a table that takes its place:
-- grants on the old one alone are not on it.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.profile_traits', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_profile_traits TO profile_traits;
GO

IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;
GO

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
        t.email,
        t.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8)
            ORDER BY
                t.timestamp,
                t.uuid_ts,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000))
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id COLLATE Latin1_General_100_BIN2_UTF8
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
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_profile_traits;
GO

IF OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_profile_traits;
GO

CREATE TABLE acme.idgraph_next_profile_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    visits               bigint,
    merged_to            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
SELECT
    new.canonical_segment_id,
    new.email,
    new.visits,
    new.merged_to
FROM #profile_traits_built AS new;
GO

-- idgraph: destructive acme.profile_traits
RENAME OBJECT acme.profile_traits TO idgraph_old_profile_traits;
GO
RENAME OBJECT acme.idgraph_next_profile_traits TO profile_traits;
GO

DROP TABLE acme.idgraph_old_profile_traits;
GO
