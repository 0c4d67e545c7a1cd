-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.long_traits', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_long_traits', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_long_traits TO long_traits;

IF OBJECT_ID('acme.long_traits', 'U') IS NULL
CREATE TABLE acme.long_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    name                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#long_traits_built') IS NOT NULL
    DROP TABLE #long_traits_built;

CREATE TABLE #long_traits_built
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
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
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
        s.seq,
        s.received_at,
        s.uuid_ts,
        s.timestamp,
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
        n.seq,
        n.received_at,
        n.uuid_ts,
        n.timestamp,
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
trait AS (
    SELECT 'email' COLLATE Latin1_General_100_BIN2_UTF8 AS name UNION ALL
    SELECT 'plan' COLLATE Latin1_General_100_BIN2_UTF8 AS name UNION ALL
    SELECT 'lifetime_value' COLLATE Latin1_General_100_BIN2_UTF8 AS name UNION ALL
    SELECT 'is_vip' COLLATE Latin1_General_100_BIN2_UTF8 AS name UNION ALL
    SELECT 'order' COLLATE Latin1_General_100_BIN2_UTF8 AS name
),
-- In long form: a row for each trait, set or not. Of several the latest comes first.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
            WHEN k.name = 'email' THEN n.email COLLATE Latin1_General_100_BIN2_UTF8
            WHEN k.name = 'plan' THEN n.[plan] COLLATE Latin1_General_100_BIN2_UTF8
            WHEN k.name = 'lifetime_value' THEN CONVERT(varchar(40), n.lifetime_value, 3)
            WHEN k.name = 'is_vip' THEN CASE n.is_vip WHEN 1 THEN 'true' WHEN 0 THEN 'false' END
            WHEN k.name = 'order' THEN CONVERT(varchar(40), n.[order])
        END AS value,
        n.seq,
        n.received_at,
        n.uuid_ts,
        n.timestamp,
        n.recency
    FROM resolved AS n
    CROSS JOIN trait AS k
),
ranked AS (
    SELECT
        l.canonical_segment_id,
        l.name,
        l.value,
        l.seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp,
        row_number() OVER (PARTITION BY l.canonical_segment_id, l.name ORDER BY l.recency DESC) AS nth_latest
    FROM long AS l
    WHERE l.value IS NOT NULL
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

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_long_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_long_traits;

IF OBJECT_ID('acme.idgraph_old_long_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_long_traits;

CREATE TABLE acme.idgraph_next_long_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    name                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

INSERT INTO acme.idgraph_next_long_traits (
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

RENAME OBJECT acme.long_traits TO idgraph_old_long_traits;
RENAME OBJECT acme.idgraph_next_long_traits TO long_traits;

DROP TABLE acme.idgraph_old_long_traits;
