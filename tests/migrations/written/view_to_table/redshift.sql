-- 0002 view to table
--
--   external_id_mapping is a table now, and was a view
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- external_id_mapping is to be a table: the view makes room for it.
-- idgraph: destructive acme.external_id_mapping
DROP VIEW IF EXISTS acme.external_id_mapping;

-- Changes

-- external_id_mapping, made anew.
CREATE TABLE IF NOT EXISTS acme.external_id_mapping (
    canonical_segment_id varchar(65535),
    external_id_type     varchar(65535),
    external_id_value    varchar(65535),
    external_id_hash     varchar(65535),
    "timestamp"          timestamptz
)
DISTKEY (external_id_value)
SORTKEY (external_id_value, canonical_segment_id);

COMMENT ON TABLE acme.external_id_mapping IS 'One row for every external id: the profile that holds it now. Built by idgraph.';
COMMENT ON COLUMN acme.external_id_mapping.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.external_id_mapping.external_id_type     IS 'Kind of the external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_value    IS 'The external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_hash     IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN acme.external_id_mapping."timestamp"          IS 'When the profile was last seen with it';

DELETE FROM acme.external_id_mapping;

INSERT INTO acme.external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    "timestamp"
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
                    u."timestamp" DESC NULLS LAST,
                    u.seq DESC NULLS LAST,
                    u.uuid_ts DESC NULLS LAST,
                    u.id DESC NULLS LAST,
                    u.segment_id DESC NULLS LAST
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
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, sha1(l.external_id_type || l.external_id_value)) AS external_id_hash,
    l.timestamp
FROM latest AS l;
