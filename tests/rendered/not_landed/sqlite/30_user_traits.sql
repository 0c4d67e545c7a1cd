-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.long_traits (
    -- Built by idgraph.
    canonical_segment_id text,
    name                 text,
    value                text,
    seq                  text,
    received_at          text,
    uuid_ts              text,
    timestamp            text
);

BEGIN IMMEDIATE;

DELETE FROM acme.long_traits;

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
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id,
        'email' AS name,
        CAST(t.email AS text) AS value,
        CAST(NULL AS text) AS seq,
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
        CAST(t.plan AS text) AS value,
        CAST(NULL AS text) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (SELECT landed.*, CAST(NULL AS text) AS plan FROM acme.identifies AS landed) AS t
    WHERE t.segment_id IS NOT NULL
      AND t.plan IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'lifetime_value' AS name,
        CAST(t.lifetime_value AS text) AS value,
        CAST(NULL AS text) AS seq,
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
        CASE WHEN t.is_vip THEN 'true' WHEN NOT t.is_vip THEN 'false' END AS value,
        CAST(NULL AS text) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (SELECT landed.*, CAST(NULL AS boolean) AS is_vip FROM acme.identifies AS landed) AS t
    WHERE t.segment_id IS NOT NULL
      AND t.is_vip IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'order' AS name,
        CAST(t."order" AS text) AS value,
        CAST(NULL AS text) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t."order" IS NOT NULL
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
                t.id DESC,
                t.segment_id DESC
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

COMMIT;

CREATE INDEX IF NOT EXISTS acme.long_traits_canonical_segment_id_idx
    ON long_traits (canonical_segment_id);
