-- One row for every external id, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.identifiers (
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    type                 varchar      COMMENT 'Kind of the external id',
    value                varchar      COMMENT 'The external id',
    seq                  varchar      COMMENT 'seq of the landed row that decided',
    received_at          timestamp_tz COMMENT 'When Segment received that row',
    uuid_ts              timestamp_tz COMMENT 'When Segment\'s connector last processed that row',
    timestamp            timestamp_tz COMMENT 'When that row\'s event happened'
)
CLUSTER BY (value)
COMMENT = 'One row for every external id, with the landed row that decided. Built by idgraph.';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.identifiers (
    canonical_segment_id,
    type,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
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
            u.timestamp DESC NULLS LAST,
            u.seq DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id DESC NULLS LAST,
            u.segment_id DESC NULLS LAST
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
FROM latest AS l;
