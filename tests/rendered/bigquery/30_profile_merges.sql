-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a run is billed for these columns of landed tables, in every partition:
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id, timestamp, seq, uuid_ts, id, received_at
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.merges (
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    segment_id           STRING    OPTIONS (description = 'A profile id, merged away or not'),
    seq                  STRING    OPTIONS (description = 'seq of the landed row that decided'),
    received_at          TIMESTAMP OPTIONS (description = 'When Segment received that row'),
    uuid_ts              TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed that row'),
    timestamp            TIMESTAMP OPTIONS (description = 'When that row\'s event happened')
)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every profile id: where it points now, with the landed row that decided. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.merges AS old
USING (
    -- The latest entry of each profile: the landed row that decided where it points.
    WITH latest AS (
        SELECT
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY u.segment_id
            ORDER BY
                u.timestamp DESC,
                u.seq DESC,
                u.uuid_ts DESC,
                u.id DESC,
                u.canonical_segment_id DESC
        ) = 1
    )
    SELECT
        g.canonical_segment_id,
        g.segment_id,
        l.seq,
        l.received_at,
        l.uuid_ts,
        g.timestamp
    FROM acme.id_graph AS g
    LEFT JOIN latest AS l ON l.segment_id = g.segment_id
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        segment_id,
        seq,
        received_at,
        uuid_ts,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.segment_id,
        built.seq,
        built.received_at,
        built.uuid_ts,
        built.timestamp
    );
