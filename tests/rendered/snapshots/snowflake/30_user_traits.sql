-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.long_traits (
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    name                 varchar      COMMENT 'The trait',
    value                varchar      COMMENT 'Its value as text',
    seq                  varchar      COMMENT 'seq of the landed row that decided',
    received_at          timestamp_tz COMMENT 'When Segment received that row',
    uuid_ts              timestamp_tz COMMENT 'When Segment\'s connector last processed that row',
    timestamp            timestamp_tz COMMENT 'When that row\'s event happened'
)
CLUSTER BY (canonical_segment_id)
COMMENT = 'One row for every trait of every canonical profile: its last value. Built by idgraph.';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.long_traits (
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
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t."ORDER",
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC NULLS LAST,
                t.seq DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id DESC NULLS LAST,
                t.segment_id DESC NULLS LAST
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
            coalesce(landed."ORDER", landed."GROUP") AS "ORDER"
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
        s."ORDER",
        s.seq,
        s.received_at,
        s.uuid_ts,
        s.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp ASC NULLS FIRST,
                s.seq ASC NULLS FIRST,
                s.uuid_ts ASC NULLS FIRST,
                s.id ASC NULLS FIRST,
                s.segment_id ASC NULLS FIRST
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
        n."ORDER",
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
            WHEN k.name = 'email' THEN CAST(n.email AS varchar)
            WHEN k.name = 'plan' THEN CAST(n.plan AS varchar)
            WHEN k.name = 'lifetime_value' THEN CAST(n.lifetime_value AS varchar)
            WHEN k.name = 'is_vip' THEN CAST(n.is_vip AS varchar)
            WHEN k.name = 'order' THEN CAST(n."ORDER" AS varchar)
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
