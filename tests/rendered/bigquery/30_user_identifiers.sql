-- One row for every external id, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a run is billed for these columns of landed tables, in every partition:
--   acme.external_id_mapping_updates:
--     external_id_type, external_id_value, external_id_hash, segment_id, seq, received_at, uuid_ts, timestamp, id
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.identifiers (
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    type                 STRING    OPTIONS (description = 'Kind of the external id'),
    value                STRING    OPTIONS (description = 'The external id'),
    seq                  STRING    OPTIONS (description = 'seq of the landed row that decided'),
    received_at          TIMESTAMP OPTIONS (description = 'When Segment received that row'),
    uuid_ts              TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed that row'),
    timestamp            TIMESTAMP OPTIONS (description = 'When that row\'s event happened')
)
CLUSTER BY value
OPTIONS (description = 'One row for every external id, with the landed row that decided. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.identifiers AS old
USING (
    WITH
    -- The latest landed row of each external id decides who holds it.
    decisive AS (
        SELECT
            u.external_id_type,
            u.external_id_value,
            u.external_id_hash,
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY u.external_id_type, u.external_id_value
            ORDER BY
                u.timestamp DESC,
                u.seq DESC,
                u.uuid_ts DESC,
                u.id DESC,
                u.segment_id DESC
        ) = 1
    ),
    latest AS (
        SELECT
            d.*,
            coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
        FROM decisive AS d
        LEFT JOIN acme.id_graph AS g ON g.segment_id = d.segment_id
    )
    SELECT
        l.canonical_segment_id,
        l.external_id_type AS type,
        l.external_id_value AS value,
        l.seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp
    FROM latest AS l
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        type,
        value,
        seq,
        received_at,
        uuid_ts,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.type,
        built.value,
        built.seq,
        built.received_at,
        built.uuid_ts,
        built.timestamp
    );
