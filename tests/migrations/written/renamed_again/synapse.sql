-- 0002 renamed again
--
--   column mail is called address now
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The trait mail is called address now.
-- idgraph: destructive acme.profile_traits.mail
EXEC sp_rename 'acme.profile_traits.mail', 'address', 'COLUMN';
GO

-- Values of address from all landed rows; no other column is touched.
IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;
GO

-- idgraph: needs acme.profile_traits_updates.address varchar
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        t.address,
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
            coalesce(landed.address, landed.mail, landed.email) AS address
        FROM acme.profile_traits_updates AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
        s.address,
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
        n.address,
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
        max(CASE WHEN r.address IS NOT NULL THEN r.recency END) AS address
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.address THEN r.address END) AS address
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.address,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
GO

-- idgraph: destructive acme.profile_traits.address
UPDATE acme.profile_traits
SET
    address = new.address
FROM #profile_traits_built AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.address IS NOT NULL
      OR profile_traits.address IS NOT NULL
  );
GO

-- profile_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait mail', 'trait email as mail');
GO

-- profile_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');
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
    'trait address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait mail as address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'profile_traits',
    'trait email as address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000));
GO

-- long_traits has rows of mail no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('mail');
GO

-- Rows of address from all landed rows.
IF OBJECT_ID('tempdb..#long_traits_built') IS NOT NULL
    DROP TABLE #long_traits_built;
GO

-- idgraph: needs acme.profile_traits_updates.address varchar
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
CREATE TABLE #long_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        t.address,
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
            coalesce(landed.address, landed.mail, landed.email) AS address
        FROM acme.profile_traits_updates AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
        s.address,
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
        n.address,
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
    SELECT 'address' COLLATE Latin1_General_100_BIN2_UTF8 AS name
),
-- In long form: a row for each trait, set or not. Of several the latest comes first.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
            WHEN k.name = 'address' THEN n.address COLLATE Latin1_General_100_BIN2_UTF8
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

-- long_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait mail', 'trait email as mail');
GO

-- long_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');
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
    'trait address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'long_traits',
    'trait mail as address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'long_traits',
    'trait email as address',
    CAST(NULL AS datetime2(7)),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000));
GO
