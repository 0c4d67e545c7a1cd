-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a refresh is billed for these columns of landed tables in every partition, since a profile's rows may be in any:
--   acme.profile_traits_updates:
--     timestamp, seq, uuid_ts, id, segment_id, every trait
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id
-- and in the partitions since the last refresh, less the lookback, once more for these:
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id, uuid_ts
--   acme.profile_traits_updates:
--     segment_id, uuid_ts
-- A trait that the project gains is read of every partition once more.
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id STRING  OPTIONS (description = 'A profile id, merged away or not'),
    email                STRING  OPTIONS (description = 'Trait email'),
    plan                 STRING  OPTIONS (description = 'Current plan'),
    lifetime_value       FLOAT64 OPTIONS (description = 'Computed trait lifetimeValue'),
    is_vip               BOOL    OPTIONS (description = 'Member of the audience is_vip'),
    `order`              INT64   OPTIONS (description = 'Trait order'),
    merged_to            STRING  OPTIONS (description = 'The profile that this one was merged into; NULL for a canonical one')
)
CLUSTER BY canonical_segment_id
OPTIONS (description = 'One row for every profile id: the last value of each trait. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- What was read for a column that is there no more says nothing of the one that takes its place.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed LIKE 'trait %'
  AND CASE landed
      WHEN 'trait customer_plan as plan' THEN 'plan'
      WHEN 'trait customer_tier as plan' THEN 'plan'
      WHEN 'trait group as order' THEN 'order'
      ELSE substr(landed, 7)
  END NOT IN (
    SELECT lower(c.column_name)
    FROM acme.INFORMATION_SCHEMA.COLUMNS AS c
    WHERE c.table_name = 'profile_traits'
);

-- What the project has gained since the table was made.
ALTER TABLE acme.profile_traits
    ADD COLUMN IF NOT EXISTS email                STRING  OPTIONS (description = 'Trait email'),
    ADD COLUMN IF NOT EXISTS plan                 STRING  OPTIONS (description = 'Current plan'),
    ADD COLUMN IF NOT EXISTS lifetime_value       FLOAT64 OPTIONS (description = 'Computed trait lifetimeValue'),
    ADD COLUMN IF NOT EXISTS is_vip               BOOL    OPTIONS (description = 'Member of the audience is_vip'),
    ADD COLUMN IF NOT EXISTS `order`              INT64   OPTIONS (description = 'Trait order');

BEGIN
-- What to read: from a while before what was read last, for rows that landed late, to the newest. In variables, since a
-- comparison with those leaves out partitions, one with a subquery reads all.
-- A table without rows has not been read: it was made again, or emptied.
DECLARE window_has_rows BOOL DEFAULT EXISTS (SELECT 1 FROM acme.profile_traits AS kept);
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
DECLARE window_is_first BOOL DEFAULT 2 > (
    SELECT count(DISTINCT w.landed)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND (
        (w.landed = 'acme.id_graph_updates' AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed)))
        OR (w.landed = 'acme.profile_traits_updates' AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits_updates AS landed)))
      )
      AND (w.loaded_until IS NULL OR window_has_rows)
);
DECLARE window_graph_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND w.landed = 'acme.id_graph_updates'
      AND NOT window_is_first
);
DECLARE window_graph_since TIMESTAMP DEFAULT coalesce(
    timestamp_sub(window_graph_watermark, INTERVAL 86400 SECOND),
    TIMESTAMP '0001-01-01'
);
DECLARE window_graph_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.id_graph_updates AS u
        WHERE u.uuid_ts >= window_graph_since
    ),
    window_graph_watermark
);
-- No further than the graph itself, which may have been refreshed before the newest rows landed.
DECLARE window_graph_read_to TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND w.landed = 'acme.id_graph_updates'
);
DECLARE window_own_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND w.landed = 'acme.profile_traits_updates'
      AND NOT window_is_first
);
DECLARE window_own_since TIMESTAMP DEFAULT coalesce(
    timestamp_sub(window_own_watermark, INTERVAL 86400 SECOND),
    TIMESTAMP '0001-01-01'
);
DECLARE window_own_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.profile_traits_updates AS u
        WHERE u.uuid_ts >= window_own_since
    ),
    window_own_watermark
);
-- How far this refresh reads. A load time in the future must not hide what lands until then.
DECLARE window_own_read_to TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.profile_traits_updates AS u
        WHERE u.uuid_ts BETWEEN window_own_since AND window_own_until
          AND u.uuid_ts <= current_timestamp()
    ),
    window_own_watermark
);
-- A trait that the project has gained comes with its history.
DECLARE window_history_until TIMESTAMP DEFAULT if(
    8 > (SELECT count(DISTINCT w.landed) FROM acme.idgraph_watermarks AS w WHERE w.model = 'profile_traits' AND w.landed IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')),
    window_own_until,
    NULL
);
DECLARE window_gone_traits INT64 DEFAULT (
    SELECT count(*)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND w.landed LIKE 'trait %'
      AND w.landed NOT IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
);

CREATE OR REPLACE TEMPORARY TABLE profile_traits_affected AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
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
    SELECT u.canonical_segment_id
    FROM acme.id_graph_updates AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = u.segment_id)

    UNION ALL

    SELECT u.segment_id
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
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed.`order`, landed.`group`) AS `order`
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND (
          u.uuid_ts BETWEEN window_own_since AND window_own_until
          OR u.uuid_ts IS NULL
      )

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT u.segment_id
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
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed.`order`, landed.`group`) AS `order`
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND u.uuid_ts BETWEEN
              TIMESTAMP '0001-01-01'
          AND window_history_until
      AND (
          (u.email IS NOT NULL AND 'trait email' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_plan as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_tier as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.lifetime_value IS NOT NULL AND 'trait lifetime_value' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.is_vip IS NOT NULL AND 'trait is_vip' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.`order` IS NOT NULL AND 'trait order' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.`order` IS NOT NULL AND 'trait group as order' NOT IN (SELECT k.landed FROM known AS k))
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
    WHERE window_is_first
)
SELECT DISTINCT
    t.segment_id
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE profile_traits_built AS
SELECT
    computed.canonical_segment_id,
    computed.email,
    computed.plan,
    computed.lifetime_value,
    computed.is_vip,
    computed.`order`,
    computed.merged_to,
    FALSE AS is_gone
FROM (
    WITH
    -- A landed row is a snapshot: of each segment the latest.
    of_segment AS (
        SELECT
            t.segment_id,
            t.email,
            t.plan,
            t.lifetime_value,
            t.is_vip,
            t.`order`,
            t.timestamp,
            t.seq,
            t.uuid_ts,
            t.id,
            row_number() OVER (
                PARTITION BY t.segment_id
                ORDER BY
                    t.timestamp DESC,
                    t.seq DESC,
                    t.uuid_ts DESC,
                    t.id DESC,
                    t.segment_id DESC
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
                coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
                landed.lifetime_value,
                landed.is_vip,
                coalesce(landed.`order`, landed.`group`) AS `order`
            FROM acme.profile_traits_updates AS landed
        ) AS t
        WHERE t.segment_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = t.segment_id)
    ),
    -- Under the profile that they belong to now, numbered from its oldest to its latest.
    numbered AS (
        SELECT
            coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
            s.email,
            s.plan,
            s.lifetime_value,
            s.is_vip,
            s.`order`,
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
                ORDER BY
                    s.timestamp,
                    s.seq,
                    s.uuid_ts,
                    s.id,
                    s.segment_id
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
            n.plan,
            n.lifetime_value,
            n.is_vip,
            n.`order`,
            n.recency
        FROM numbered AS n
        LEFT JOIN (
            SELECT
                g.canonical_segment_id,
                max(g.timestamp) AS merged_at
            FROM acme.id_graph AS g
            WHERE g.segment_id <> g.canonical_segment_id
              AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
            GROUP BY g.canonical_segment_id
        ) AS m ON m.canonical_segment_id = n.canonical_segment_id
        WHERE n.recency = n.snapshots
           OR m.merged_at > n.taken_at
           OR (n.taken_at IS NULL AND m.merged_at IS NOT NULL)
    ),
    -- One pass for all traits: the latest value of each, NULL aside.
    latest AS (
        SELECT
            r.canonical_segment_id,
            array_agg(r.email IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS email,
            array_agg(r.plan IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS plan,
            array_agg(r.lifetime_value IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS lifetime_value,
            array_agg(r.is_vip IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS is_vip,
            array_agg(r.`order` IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS `order`
        FROM resolved AS r
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.email,
        l.plan,
        l.lifetime_value,
        l.is_vip,
        l.`order`,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM (
        SELECT g.*
        FROM acme.id_graph AS g
        WHERE EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
    ) AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS computed;

INSERT INTO profile_traits_built
SELECT
    old.canonical_segment_id,
    old.email,
    old.plan,
    old.lifetime_value,
    old.is_vip,
    old.`order`,
    old.merged_to,
    TRUE
FROM acme.profile_traits AS old
WHERE EXISTS (
    SELECT 1
    FROM profile_traits_affected AS a
    WHERE a.segment_id = old.canonical_segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM profile_traits_built AS built
    WHERE built.canonical_segment_id = old.canonical_segment_id
);

BEGIN TRANSACTION;

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.profile_traits AS old
USING profile_traits_built AS built
ON built.canonical_segment_id = old.canonical_segment_id
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.email IS DISTINCT FROM built.email
    OR old.plan IS DISTINCT FROM built.plan
    OR old.lifetime_value IS DISTINCT FROM built.lifetime_value
    OR old.is_vip IS DISTINCT FROM built.is_vip
    OR old.`order` IS DISTINCT FROM built.`order`
    OR old.merged_to IS DISTINCT FROM built.merged_to
) THEN
    UPDATE SET
        email = built.email,
        plan = built.plan,
        lifetime_value = built.lifetime_value,
        is_vip = built.is_vip,
        `order` = built.`order`,
        merged_to = built.merged_to
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        plan,
        lifetime_value,
        is_vip,
        `order`,
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.plan,
        built.lifetime_value,
        built.is_vip,
        built.`order`,
        built.merged_to
    );

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
    window_graph_read_to,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'acme.profile_traits_updates',
    window_own_read_to,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait email',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait plan',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait customer_plan as plan',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait customer_tier as plan',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait lifetime_value',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait is_vip',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait order',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'profile_traits',
    'trait group as order',
    NULL,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)
;

COMMIT;
END;
