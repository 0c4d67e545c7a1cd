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
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id,
        'email' AS name,
        CAST(t.email AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.email IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'plan' AS name,
        CAST(t.plan AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.plan IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'lifetime_value' AS name,
        CAST(t.lifetime_value AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.lifetime_value IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'is_vip' AS name,
        CAST(t.is_vip AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.is_vip IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'order' AS name,
        CAST(t."ORDER" AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t."ORDER" IS NOT NULL
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
                t.timestamp DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id DESC NULLS LAST,
                t.segment_id DESC NULLS LAST
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
