-- 0002 new trait incremental
--
--   new column plan
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The trait plan is new in profile_traits.
ALTER TABLE acme.profile_traits ADD [plan] varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8;
GO

-- Values of plan from all landed rows; no other column is touched.
IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;
GO

-- idgraph: needs acme.identifies.plan varchar
CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
        t.[plan],
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
        max(CASE WHEN r.[plan] IS NOT NULL THEN r.recency END) AS [plan]
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.[plan] THEN r.[plan] END) AS [plan]
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.[plan],
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
GO

UPDATE acme.profile_traits
SET
    [plan] = new.[plan]
FROM #profile_traits_built AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (new.[plan] IS NOT NULL);
GO

-- profile_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait plan');
GO

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'profile_traits',
    'trait plan',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000));
GO

-- Rows of plan from all landed rows.
IF OBJECT_ID('tempdb..#long_traits_built') IS NOT NULL
    DROP TABLE #long_traits_built;
GO

-- idgraph: needs acme.identifies.plan varchar
CREATE TABLE #long_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'plan' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        t.[plan] COLLATE Latin1_General_100_BIN2_UTF8 AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.[plan] IS NOT NULL
),
ranked AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.name,
        t.value,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id), t.name
            ORDER BY
                t.timestamp DESC,
                t.uuid_ts DESC,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS nth_latest
    FROM long AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
)
SELECT
    r.canonical_segment_id,
    r.name,
    r.value,
    r.seq,
    r.received_at,
    r.uuid_ts,
    r.timestamp
FROM ranked AS r
WHERE r.nth_latest = 1;
GO

INSERT INTO acme.long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.name,
    new.value,
    new.seq,
    new.received_at,
    new.uuid_ts,
    new.timestamp
FROM #long_traits_built AS new;
GO

-- long_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait plan');
GO

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'long_traits',
    'trait plan',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000));
GO
