-- One row for every external id, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.identifiers (
    -- Built by idgraph.
    canonical_segment_id text,
    type                 text,
    value                text,
    seq                  text,
    received_at          text,
    uuid_ts              text,
    timestamp            text
);

BEGIN IMMEDIATE;

DELETE FROM acme.identifiers;

INSERT INTO acme.identifiers (
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
        ranked.external_id_type,
        ranked.external_id_value,
        ranked.external_id_hash,
        ranked.segment_id,
        ranked.seq,
        ranked.received_at,
        ranked.uuid_ts,
        ranked.timestamp,
        ranked.id
    FROM (
        SELECT
            u.external_id_type,
            u.external_id_value,
            u.external_id_hash,
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id,
            row_number() OVER (
                PARTITION BY u.external_id_type, u.external_id_value
                ORDER BY
                    u.timestamp DESC,
                    u.seq DESC,
                    u.uuid_ts DESC,
                    u.id DESC,
                    u.segment_id DESC
            ) AS nth_latest
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
    ) AS ranked
    WHERE ranked.nth_latest = 1
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

COMMIT;

CREATE INDEX IF NOT EXISTS acme.identifiers_value_idx
    ON identifiers (value);
CREATE INDEX IF NOT EXISTS acme.identifiers_canonical_segment_id_idx
    ON identifiers (canonical_segment_id);
