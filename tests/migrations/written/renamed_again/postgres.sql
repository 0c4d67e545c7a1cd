-- 0002 renamed again
--
--   column mail is called address now
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The trait mail is called address now.
-- idgraph: destructive acme.profile_traits.mail
ALTER TABLE acme.profile_traits RENAME COLUMN mail TO address;

COMMENT ON COLUMN acme.profile_traits.address IS 'Trait address';

-- Values of address from all landed rows; no other column is touched.
-- idgraph: needs acme.profile_traits_updates.address varchar
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
-- idgraph: destructive acme.profile_traits.address
UPDATE acme.profile_traits
SET
    address = new.address
FROM (
    WITH
    -- A landed row is a snapshot: of each segment the latest.
    of_segment AS (
        SELECT
            t.segment_id,
            t.address,
            t.timestamp,
            t.seq,
            t.uuid_ts,
            t.id,
            row_number() OVER (
                PARTITION BY t.segment_id
                ORDER BY
                    t.timestamp DESC NULLS LAST,
                    t.seq COLLATE "C" DESC NULLS LAST,
                    t.uuid_ts DESC NULLS LAST,
                    t.id COLLATE "C" DESC NULLS LAST,
                    t.segment_id COLLATE "C" DESC NULLS LAST
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
            coalesce(g.canonical_segment_id, s.segment_id) COLLATE "default" AS canonical_segment_id,
            s.address,
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
                ORDER BY
                    s.timestamp ASC NULLS FIRST,
                    s.seq COLLATE "C" ASC NULLS FIRST,
                    s.uuid_ts ASC NULLS FIRST,
                    s.id COLLATE "C" ASC NULLS FIRST,
                    s.segment_id COLLATE "C" ASC NULLS FIRST
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
    -- One pass for all traits: aggregates take a sorted subquery's rows in its order, so the first value of each is its latest.
    latest AS (
        SELECT
            r.canonical_segment_id,
            (array_agg(r.address) FILTER (WHERE r.address IS NOT NULL))[1] AS address
        FROM (
            SELECT
                r.canonical_segment_id,
                r.address,
                r.recency
            FROM resolved AS r
            ORDER BY
                r.canonical_segment_id,
                r.recency DESC
        ) AS r
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.address,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.address IS NOT NULL
      OR profile_traits.address IS NOT NULL
  );

-- profile_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait mail', 'trait email as mail');

-- profile_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');

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
    CAST(NULL AS timestamp with time zone),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'address'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'address'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait mail as address',
    CAST(NULL AS timestamp with time zone),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'address'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'mail'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait email as address',
    CAST(NULL AS timestamp with time zone),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'address'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'email'
    ), '');

-- long_traits has rows of mail no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('mail');

-- Rows of address from all landed rows.
-- idgraph: needs acme.profile_traits_updates.address varchar
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
INSERT INTO acme.long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id,
        t.address,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC NULLS LAST,
                t.seq COLLATE "C" DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id COLLATE "C" DESC NULLS LAST,
                t.segment_id COLLATE "C" DESC NULLS LAST
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
        coalesce(g.canonical_segment_id, s.segment_id) COLLATE "default" AS canonical_segment_id,
        s.address,
        s.seq,
        s.received_at,
        s.uuid_ts,
        s.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp ASC NULLS FIRST,
                s.seq COLLATE "C" ASC NULLS FIRST,
                s.uuid_ts ASC NULLS FIRST,
                s.id COLLATE "C" ASC NULLS FIRST,
                s.segment_id COLLATE "C" ASC NULLS FIRST
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
    SELECT 'address' AS name
),
-- In long form: a row for each trait, set or not. Of several the latest comes first.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
            WHEN k.name = 'address' THEN CAST(n.address AS text)
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

-- long_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait mail', 'trait email as mail');

-- long_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');

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
    CAST(NULL AS timestamp with time zone),
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'address'
    ), '')

UNION ALL

SELECT
    'long_traits',
    'trait mail as address',
    CAST(NULL AS timestamp with time zone),
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'mail'
    ), '')

UNION ALL

SELECT
    'long_traits',
    'trait email as address',
    CAST(NULL AS timestamp with time zone),
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'email'
    ), '');
