-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a run is billed for these columns of landed tables, in every partition:
--   acme.identifies:
--     timestamp, uuid_ts, id, segment_id, received_at, every trait
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
    -- Landed traits in long form, a row for each value, from one pass over the landed table.
    long AS (
        SELECT
            t.segment_id,
            pair.name,
            pair.value,
            CAST(NULL AS STRING) AS seq,
            t.received_at,
            t.uuid_ts,
            t.timestamp,
            t.id
        FROM (SELECT landed.*, CAST(NULL AS STRING) AS plan, CAST(NULL AS BOOL) AS is_vip FROM acme.identifies AS landed) AS t
        CROSS JOIN UNNEST([
            STRUCT('email' AS name, CAST(t.email AS STRING) AS value),
            STRUCT('plan' AS name, CAST(t.plan AS STRING) AS value),
            STRUCT('lifetime_value' AS name, CAST(t.lifetime_value AS STRING) AS value),
            STRUCT('is_vip' AS name, CAST(t.is_vip AS STRING) AS value),
            STRUCT('order' AS name, CAST(t.`order` AS STRING) AS value)
        ]) AS pair
        WHERE t.segment_id IS NOT NULL
          AND pair.value IS NOT NULL
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
