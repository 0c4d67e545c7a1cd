-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.merges (
    -- Built by idgraph.
    canonical_segment_id text,
    segment_id           text,
    seq                  text,
    received_at          text,
    uuid_ts              text,
    timestamp            text
);

BEGIN IMMEDIATE;

DELETE FROM acme.merges;

INSERT INTO acme.merges (
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
                    u.timestamp DESC,
                    u.seq DESC,
                    u.uuid_ts DESC,
                    u.id DESC,
                    u.canonical_segment_id DESC
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

CREATE INDEX IF NOT EXISTS acme.merges_segment_id_idx
    ON merges (segment_id);
CREATE INDEX IF NOT EXISTS acme.merges_canonical_segment_id_idx
    ON merges (canonical_segment_id);
