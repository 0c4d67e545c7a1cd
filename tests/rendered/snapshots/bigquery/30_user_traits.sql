-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a run is billed for these columns of landed tables, in every partition:
--   acme.profile_traits_updates:
--     timestamp, seq, uuid_ts, id, segment_id, received_at, every trait
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.long_traits (
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    name                 STRING    OPTIONS (description = 'The trait'),
    value                STRING    OPTIONS (description = 'Its value as text'),
    seq                  STRING    OPTIONS (description = 'seq of the landed row that decided'),
    received_at          TIMESTAMP OPTIONS (description = 'When Segment received that row'),
    uuid_ts              TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed that row'),
    timestamp            TIMESTAMP OPTIONS (description = 'When that row\'s event happened')
)
CLUSTER BY canonical_segment_id
OPTIONS (description = 'One row for every trait of every canonical profile: its last value. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.long_traits AS old
USING (
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
            t.seq,
            t.received_at,
            t.uuid_ts,
            t.timestamp,
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
            s.seq,
            s.received_at,
            s.uuid_ts,
            s.timestamp,
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
        SELECT 'email' AS name UNION ALL
        SELECT 'plan' AS name UNION ALL
        SELECT 'lifetime_value' AS name UNION ALL
        SELECT 'is_vip' AS name UNION ALL
        SELECT 'order' AS name
    ),
    -- In long form: a row for each trait, set or not. Of several the latest comes first.
    long AS (
        SELECT
            n.canonical_segment_id,
            k.name,
            CASE
                WHEN k.name = 'email' THEN CAST(n.email AS STRING)
                WHEN k.name = 'plan' THEN CAST(n.plan AS STRING)
                WHEN k.name = 'lifetime_value' THEN CAST(n.lifetime_value AS STRING)
                WHEN k.name = 'is_vip' THEN CAST(n.is_vip AS STRING)
                WHEN k.name = 'order' THEN CAST(n.`order` AS STRING)
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
    WHERE r.nth_latest = 1
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        name,
        value,
        seq,
        received_at,
        uuid_ts,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.name,
        built.value,
        built.seq,
        built.received_at,
        built.uuid_ts,
        built.timestamp
    );
