-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF OBJECT_ID('acme.profile_traits', 'U') IS NULL
CREATE TABLE acme.profile_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    [plan]               varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    lifetime_value       float,
    is_vip               bit,
    [order]              bigint,
    merged_to            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

-- What the project has gained since the table was made.
IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'email'
)
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed = 'trait email';

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'email'
)
ALTER TABLE acme.profile_traits ADD email varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8;

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'plan'
)
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan');

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'plan'
)
ALTER TABLE acme.profile_traits ADD [plan] varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8;

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'lifetime_value'
)
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed = 'trait lifetime_value';

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'lifetime_value'
)
ALTER TABLE acme.profile_traits ADD lifetime_value float;

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'is_vip'
)
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed = 'trait is_vip';

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'is_vip'
)
ALTER TABLE acme.profile_traits ADD is_vip bit;

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'order'
)
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait order', 'trait group as order');

IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID('acme.profile_traits')
      AND c.name = 'order'
)
ALTER TABLE acme.profile_traits ADD [order] bigint;

GO

IF OBJECT_ID('tempdb..#profile_traits_window') IS NOT NULL
    DROP TABLE #profile_traits_window;

CREATE TABLE #profile_traits_window
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
    WHERE w.model = 'profile_traits'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
        OR (
            w.landed = 'acme.profile_traits_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 2
)
SELECT
    coalesce(
        DATEADD(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS datetime2(7))
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        DATEADD(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.profile_traits_updates')),
        CAST('0001-01-01' AS datetime2(7))
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u WHERE u.uuid_ts <= sysutcdatetime()) AS own_read_to,
    8 - (
        SELECT count(DISTINCT w.landed)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
    ) AS new_traits,
    (
        SELECT count(*)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
    ) AS gone_traits,
    CAST(CASE WHEN (SELECT count(*) FROM noted) = 0 THEN 1 ELSE 0 END AS bit) AS is_first;

IF OBJECT_ID('tempdb..#profile_traits_affected') IS NOT NULL
    DROP TABLE #profile_traits_affected;

CREATE TABLE #profile_traits_affected
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
                      (SELECT w.graph_since FROM #profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM #profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM #profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM #profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- Traits that have been read for the table as it is.
known AS (
    SELECT w.landed
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
),
touched AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    -- What their entries ever pointed to: a profile that they left has other traits now.
    SELECT u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id
    FROM acme.id_graph_updates AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = u.segment_id COLLATE Latin1_General_100_BIN2_UTF8)

    UNION ALL

    SELECT u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.[plan], landed.customer_plan, landed.customer_tier) AS [plan],
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed.[order], landed.[group]) AS [order]
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND (
          u.uuid_ts BETWEEN
                  (SELECT w.own_since FROM #profile_traits_window AS w)
              AND (SELECT w.own_until FROM #profile_traits_window AS w)
          OR u.uuid_ts IS NULL
      )

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.[plan], landed.customer_plan, landed.customer_tier) AS [plan],
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed.[order], landed.[group]) AS [order]
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND u.uuid_ts BETWEEN
              CAST('0001-01-01' AS datetime2(7))
          AND (SELECT w.own_until FROM #profile_traits_window AS w WHERE w.new_traits > 0)
      AND (
          (u.email IS NOT NULL AND 'trait email' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.[plan] IS NOT NULL AND 'trait plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.[plan] IS NOT NULL AND 'trait customer_plan as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.[plan] IS NOT NULL AND 'trait customer_tier as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.lifetime_value IS NOT NULL AND 'trait lifetime_value' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.is_vip IS NOT NULL AND 'trait is_vip' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.[order] IS NOT NULL AND 'trait order' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.[order] IS NOT NULL AND 'trait group as order' NOT IN (SELECT k.landed FROM known AS k))
      )
),
-- Most were touched in several ways.
changed AS (
    SELECT DISTINCT t.segment_id
    FROM touched AS t
),
together AS (
    SELECT c.segment_id
    FROM changed AS c

    UNION ALL

    SELECT member.segment_id
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM changed AS t
        JOIN acme.id_graph AS own ON own.segment_id = t.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.canonical_segment_id
    FROM acme.profile_traits AS kept
    WHERE ((SELECT w.is_first FROM #profile_traits_window AS w) = 1)
)
SELECT DISTINCT
    t.segment_id
FROM together AS t;

IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;

CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        t.email,
        t.[plan],
        t.lifetime_value,
        t.is_vip,
        t.[order],
        t.timestamp,
        t.seq,
        t.uuid_ts,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                t.timestamp DESC,
                CAST(t.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                t.uuid_ts DESC,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.[plan], landed.customer_plan, landed.customer_tier) AS [plan],
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed.[order], landed.[group]) AS [order]
        FROM acme.profile_traits_updates AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM #profile_traits_affected AS a WHERE a.segment_id = t.segment_id COLLATE Latin1_General_100_BIN2_UTF8)
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
        s.email,
        s.[plan],
        s.lifetime_value,
        s.is_vip,
        s.[order],
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp,
                CAST(s.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                s.uuid_ts,
                CAST(s.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                CAST(s.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000))
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
        n.[plan],
        n.lifetime_value,
        n.is_vip,
        n.[order],
        n.recency
    FROM numbered AS n
    LEFT JOIN (
        SELECT
            g.canonical_segment_id,
            max(g.timestamp) AS merged_at
        FROM acme.id_graph AS g
        WHERE g.segment_id <> g.canonical_segment_id
          AND EXISTS (SELECT 1 FROM #profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
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
        max(CASE WHEN r.[plan] IS NOT NULL THEN r.recency END) AS [plan],
        max(CASE WHEN r.lifetime_value IS NOT NULL THEN r.recency END) AS lifetime_value,
        max(CASE WHEN r.is_vip IS NOT NULL THEN r.recency END) AS is_vip,
        max(CASE WHEN r.[order] IS NOT NULL THEN r.recency END) AS [order]
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.email THEN r.email END) AS email,
        max(CASE WHEN r.recency = d.[plan] THEN r.[plan] END) AS [plan],
        max(CASE WHEN r.recency = d.lifetime_value THEN r.lifetime_value END) AS lifetime_value,
        CAST(max(CAST(CASE WHEN r.recency = d.is_vip THEN r.is_vip END AS tinyint)) AS bit) AS is_vip,
        max(CASE WHEN r.recency = d.[order] THEN r.[order] END) AS [order]
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.[plan],
    l.lifetime_value,
    l.is_vip,
    l.[order],
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM (
    SELECT g.*
    FROM acme.id_graph AS g
    WHERE EXISTS (SELECT 1 FROM #profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
) AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;

BEGIN TRANSACTION;

DELETE FROM acme.profile_traits
WHERE EXISTS (
    SELECT 1
    FROM #profile_traits_affected AS a
    WHERE a.segment_id = profile_traits.canonical_segment_id
);

INSERT INTO acme.profile_traits (
    canonical_segment_id,
    email,
    [plan],
    lifetime_value,
    is_vip,
    [order],
    merged_to
)
SELECT
    built.canonical_segment_id,
    built.email,
    built.[plan],
    built.lifetime_value,
    built.is_vip,
    built.[order],
    built.merged_to
FROM #profile_traits_built AS built;

DELETE FROM acme.idgraph_watermarks WHERE model = 'profile_traits';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'profile_traits',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM #profile_traits_window AS w),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'acme.profile_traits_updates',
    (SELECT w.own_read_to FROM #profile_traits_window AS w),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait email',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait plan',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait customer_plan as plan',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait customer_tier as plan',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait lifetime_value',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait is_vip',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait order',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait group as order',
    NULL,
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))
;

COMMIT;
