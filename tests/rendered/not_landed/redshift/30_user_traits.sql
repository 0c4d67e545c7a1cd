-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE TABLE IF NOT EXISTS acme.long_traits (
    canonical_segment_id varchar(65535),
    name                 varchar(65535),
    value                varchar(65535),
    seq                  varchar(65535),
    received_at          timestamptz,
    uuid_ts              timestamptz,
    "timestamp"          timestamptz
)
DISTKEY (canonical_segment_id)
SORTKEY (canonical_segment_id)
;

COMMENT ON TABLE acme.long_traits IS 'One row for every trait of every canonical profile: its last value. Built by idgraph.';
COMMENT ON COLUMN acme.long_traits.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.long_traits.name                 IS 'The trait';
COMMENT ON COLUMN acme.long_traits.value                IS 'Its value as text';
COMMENT ON COLUMN acme.long_traits.seq                  IS 'seq of the landed row that decided';
COMMENT ON COLUMN acme.long_traits.received_at          IS 'When Segment received that row';
COMMENT ON COLUMN acme.long_traits.uuid_ts              IS 'When Segment''s connector last processed that row';
COMMENT ON COLUMN acme.long_traits."timestamp"          IS 'When that row''s event happened';

BEGIN;

DELETE FROM acme.long_traits;

INSERT INTO acme.long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    "timestamp"
)
WITH
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id,
        'email' AS name,
        CAST(t.email AS varchar) AS value,
        CAST(NULL AS varchar(65535)) AS seq,
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
        CAST(NULL AS varchar(65535)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (SELECT landed.*, CAST(NULL AS varchar(65535)) AS plan FROM acme.identifies AS landed) AS t
    WHERE t.segment_id IS NOT NULL
      AND t.plan IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id,
        'lifetime_value' AS name,
        CAST(t.lifetime_value AS varchar) AS value,
        CAST(NULL AS varchar(65535)) AS seq,
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
        CAST(NULL AS varchar(65535)) AS seq,
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
        CAST(t."order" AS varchar) AS value,
        CAST(NULL AS varchar(65535)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (SELECT landed.*, CAST(NULL AS bigint) AS "order" FROM acme.identifies AS landed) AS t
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
                t."timestamp" DESC NULLS LAST,
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

COMMIT;
