-- One row for every external id, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE TABLE IF NOT EXISTS acme.identifiers (
    canonical_segment_id varchar,
    type                 varchar,
    value                varchar,
    seq                  varchar,
    received_at          timestamp with time zone,
    uuid_ts              timestamp with time zone,
    timestamp            timestamp with time zone
);

COMMENT ON TABLE acme.identifiers IS 'One row for every external id, with the landed row that decided. Built by idgraph.';
COMMENT ON COLUMN acme.identifiers.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.identifiers.type                 IS 'Kind of the external id';
COMMENT ON COLUMN acme.identifiers.value                IS 'The external id';
COMMENT ON COLUMN acme.identifiers.seq                  IS 'seq of the landed row that decided';
COMMENT ON COLUMN acme.identifiers.received_at          IS 'When Segment received that row';
COMMENT ON COLUMN acme.identifiers.uuid_ts              IS 'When Segment''s connector last processed that row';
COMMENT ON COLUMN acme.identifiers.timestamp            IS 'When that row''s event happened';

BEGIN;

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
        u.external_id_type,
        u.external_id_value,
        u.external_id_hash,
        u.segment_id,
        u.seq,
        u.received_at,
        u.uuid_ts,
        u.timestamp,
        u.id
    FROM (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
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

COMMIT;
