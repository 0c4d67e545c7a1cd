-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE TABLE IF NOT EXISTS acme.merges (
    canonical_segment_id varchar(65535),
    segment_id           varchar(65535),
    seq                  varchar(65535),
    received_at          timestamptz,
    uuid_ts              timestamptz,
    "timestamp"          timestamptz
)
DISTKEY (segment_id)
SORTKEY (segment_id, canonical_segment_id)
;

COMMENT ON TABLE acme.merges IS 'One row for every profile id: where it points now, with the landed row that decided. Built by idgraph.';
COMMENT ON COLUMN acme.merges.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.merges.segment_id           IS 'A profile id, merged away or not';
COMMENT ON COLUMN acme.merges.seq                  IS 'seq of the landed row that decided';
COMMENT ON COLUMN acme.merges.received_at          IS 'When Segment received that row';
COMMENT ON COLUMN acme.merges.uuid_ts              IS 'When Segment''s connector last processed that row';
COMMENT ON COLUMN acme.merges."timestamp"          IS 'When that row''s event happened';

BEGIN;

DELETE FROM acme.merges;

INSERT INTO acme.merges (
    canonical_segment_id,
    segment_id,
    seq,
    received_at,
    uuid_ts,
    "timestamp"
)
-- The latest entry of each profile: the landed row that decided where it points.
WITH latest AS (
    SELECT
        ranked.segment_id,
        ranked.seq,
        ranked.received_at,
        ranked.uuid_ts
    FROM (
        SELECT
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            row_number() OVER (
                PARTITION BY u.segment_id
                ORDER BY
                    u."timestamp" DESC NULLS LAST,
                    u.seq DESC NULLS LAST,
                    u.uuid_ts DESC NULLS LAST,
                    u.id DESC NULLS LAST,
                    u.canonical_segment_id DESC NULLS LAST
            ) AS nth_latest
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
    ) AS ranked
    WHERE ranked.nth_latest = 1
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

COMMIT;
