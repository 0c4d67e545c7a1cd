-- 0002 renamed trait
--
--   column email is called mail now
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The trait email is called mail now.
-- idgraph: destructive acme.profile_traits.email
EXEC sp_rename 'acme.profile_traits.email', 'mail', 'COLUMN';
GO

-- Values of mail from all landed rows; no other column is touched.
IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;
GO

-- idgraph: needs acme.identifies.mail varchar
-- idgraph: needs acme.identifies.email varchar
CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
        t.mail,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8)
            ORDER BY
                t.timestamp,
                t.uuid_ts,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000))
        ) AS recency
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            coalesce(landed.mail, landed.email) AS mail
        FROM acme.identifies AS landed
    ) AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id COLLATE Latin1_General_100_BIN2_UTF8
    WHERE t.segment_id IS NOT NULL
),
-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.mail IS NOT NULL THEN r.recency END) AS mail
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.mail THEN r.mail END) AS mail
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.mail,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
GO

-- idgraph: destructive acme.profile_traits.mail
UPDATE acme.profile_traits
SET
    mail = new.mail
FROM #profile_traits_built AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.mail IS NOT NULL
      OR profile_traits.mail IS NOT NULL
  );
GO

-- long_traits has rows of email no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('email');
GO

-- Rows of mail from all landed rows.
IF OBJECT_ID('tempdb..#long_traits_built') IS NOT NULL
    DROP TABLE #long_traits_built;
GO

-- idgraph: needs acme.identifies.mail varchar
-- idgraph: needs acme.identifies.email varchar
CREATE TABLE #long_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'mail' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        t.mail COLLATE Latin1_General_100_BIN2_UTF8 AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            coalesce(landed.mail, landed.email) AS mail
        FROM acme.identifies AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
      AND t.mail IS NOT NULL
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
