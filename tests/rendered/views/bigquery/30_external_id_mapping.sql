-- One row for every external id: the profile that holds it now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: who reads it is billed for no more than these columns of landed tables, in every partition:
--   acme.external_id_mapping_updates:
--     external_id_type, external_id_value, external_id_hash, segment_id, seq, received_at, uuid_ts, timestamp, id
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE OR REPLACE VIEW acme.external_id_mapping (
    canonical_segment_id OPTIONS (description = 'The profile after all merges'),
    external_id_type     OPTIONS (description = 'Kind of the external id'),
    external_id_value    OPTIONS (description = 'The external id'),
    external_id_hash     OPTIONS (description = 'SHA-1 of type followed by value, in lower-case hex'),
    timestamp            OPTIONS (description = 'When the profile was last seen with it')
)
OPTIONS (description = 'One row for every external id: the profile that holds it now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
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
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, to_hex(sha1(l.external_id_type || l.external_id_value))) AS external_id_hash,
    l.timestamp
FROM latest AS l;
