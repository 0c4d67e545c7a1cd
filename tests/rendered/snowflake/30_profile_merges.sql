-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.merges (
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    segment_id           varchar      COMMENT 'A profile id, merged away or not',
    seq                  varchar      COMMENT 'seq of the landed row that decided',
    received_at          timestamp_tz COMMENT 'When Segment received that row',
    uuid_ts              timestamp_tz COMMENT 'When Segment\'s connector last processed that row',
    timestamp            timestamp_tz COMMENT 'When that row\'s event happened'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every profile id: where it points now, with the landed row that decided. Built by idgraph.';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.merges (
    canonical_segment_id,
    segment_id,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
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
            u.timestamp DESC NULLS LAST,
            u.seq DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id DESC NULLS LAST,
            u.canonical_segment_id DESC NULLS LAST
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
LEFT JOIN latest AS l ON l.segment_id = g.segment_id;
