-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE TABLE IF NOT EXISTS acme.long_traits (
    canonical_segment_id string    COMMENT 'The profile after all merges',
    name                 string    COMMENT 'The trait',
    value                string    COMMENT 'Its value as text',
    seq                  string    COMMENT 'seq of the landed row that decided',
    received_at          timestamp COMMENT 'When Segment received that row',
    uuid_ts              timestamp COMMENT 'When Segment\'s connector last processed that row',
    timestamp            timestamp COMMENT 'When that row\'s event happened'
)
CLUSTER BY (canonical_segment_id)
COMMENT 'One row for every trait of every canonical profile: its last value. Built by idgraph.';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
INSERT OVERWRITE TABLE acme.long_traits (
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
        CAST(t.email AS string) AS value,
        CAST(NULL AS string) AS seq,
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
        CAST(t.plan AS string) AS value,
        CAST(NULL AS string) AS seq,
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
        CAST(t.lifetime_value AS string) AS value,
        CAST(NULL AS string) AS seq,
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
        CAST(t.is_vip AS string) AS value,
        CAST(NULL AS string) AS seq,
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
        CAST(t.`order` AS string) AS value,
        CAST(NULL AS string) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.`order` IS NOT NULL
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
