-- One row for every external id: the profile that holds it now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a refresh is billed for these columns of landed tables in every partition, since a profile's rows may be in any:
--   acme.external_id_mapping_updates:
--     external_id_type, external_id_value, external_id_hash, segment_id, seq, received_at, uuid_ts, timestamp, id
-- and in the partitions since the last refresh, less the lookback, once more for these:
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id, uuid_ts
--   acme.external_id_mapping_updates:
--     external_id_type, external_id_value, uuid_ts
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.external_id_mapping (
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    external_id_type     STRING    OPTIONS (description = 'Kind of the external id'),
    external_id_value    STRING    OPTIONS (description = 'The external id'),
    external_id_hash     STRING    OPTIONS (description = 'SHA-1 of type followed by value, in lower-case hex'),
    timestamp            TIMESTAMP OPTIONS (description = 'When the profile was last seen with it')
)
CLUSTER BY external_id_value
OPTIONS (description = 'One row for every external id: the profile that holds it now. Built by idgraph.', labels = [('built_by', 'idgraph')]);

BEGIN
-- What to read: from a while before what was read last, for rows that landed late, to the newest. In variables, since a
-- comparison with those leaves out partitions, one with a subquery reads all.
-- A table without rows has not been read: it was made again, or emptied.
DECLARE window_has_rows BOOL DEFAULT EXISTS (SELECT 1 FROM acme.external_id_mapping AS kept);
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
DECLARE window_is_first BOOL DEFAULT 2 > (
    SELECT count(DISTINCT w.landed)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'external_id_mapping'
      AND (
        (w.landed = 'acme.id_graph_updates' AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed)))
        OR (w.landed = 'acme.external_id_mapping_updates' AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.external_id_mapping_updates AS landed)))
      )
      AND (w.loaded_until IS NULL OR window_has_rows)
);
DECLARE window_graph_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'external_id_mapping'
      AND w.landed = 'acme.id_graph_updates'
      AND NOT window_is_first
);
DECLARE window_graph_since TIMESTAMP DEFAULT coalesce(
    timestamp_sub(window_graph_watermark, INTERVAL 86400 SECOND),
    TIMESTAMP '0001-01-01'
);
DECLARE window_graph_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.id_graph_updates AS u
        WHERE u.uuid_ts >= window_graph_since
    ),
    window_graph_watermark
);
-- No further than the graph itself, which may have been refreshed before the newest rows landed.
DECLARE window_graph_read_to TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND w.landed = 'acme.id_graph_updates'
);
DECLARE window_own_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'external_id_mapping'
      AND w.landed = 'acme.external_id_mapping_updates'
      AND NOT window_is_first
);
DECLARE window_own_since TIMESTAMP DEFAULT coalesce(
    timestamp_sub(window_own_watermark, INTERVAL 86400 SECOND),
    TIMESTAMP '0001-01-01'
);
DECLARE window_own_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.external_id_mapping_updates AS u
        WHERE u.uuid_ts >= window_own_since
    ),
    window_own_watermark
);
-- How far this refresh reads. A load time in the future must not hide what lands until then.
DECLARE window_own_read_to TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.external_id_mapping_updates AS u
        WHERE u.uuid_ts BETWEEN window_own_since AND window_own_until
          AND u.uuid_ts <= current_timestamp()
    ),
    window_own_watermark
);

CREATE OR REPLACE TEMPORARY TABLE external_id_mapping_affected AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- All that belong to the same profile as one of them now: those that moved are among these.
moved AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    SELECT member.segment_id
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM named AS t
        JOIN acme.id_graph AS own ON own.segment_id = t.segment_id
    )
),
together AS (
    SELECT
        u.external_id_value,
        u.external_id_type
    FROM (SELECT landed.*, CAST(NULL AS STRING) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE (
        u.uuid_ts BETWEEN window_own_since AND window_own_until
        OR u.uuid_ts IS NULL
    )

    UNION ALL

    SELECT
        u.external_id_value,
        u.external_id_type
    FROM (SELECT landed.*, CAST(NULL AS STRING) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = u.segment_id)

    UNION ALL

    -- What the profiles of new rows hold by rows that are there no more: these were changed in place.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM (
        SELECT DISTINCT coalesce(g.canonical_segment_id, u.segment_id) AS canonical_segment_id
        FROM (SELECT landed.*, CAST(NULL AS STRING) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        LEFT JOIN acme.id_graph AS g ON g.segment_id = u.segment_id
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_own_since AND window_own_until
              OR u.uuid_ts IS NULL
          )
    ) AS profile
    JOIN acme.external_id_mapping AS kept
        ON kept.canonical_segment_id = profile.canonical_segment_id
    LEFT JOIN (SELECT landed.*, CAST(NULL AS STRING) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        ON  u.external_id_value = kept.external_id_value
        AND u.external_id_type = kept.external_id_type
        AND (u.timestamp = kept.timestamp OR (u.timestamp IS NULL AND kept.timestamp IS NULL))
    LEFT JOIN acme.id_graph AS g
        ON g.segment_id = u.segment_id
    WHERE u.segment_id IS NULL
       OR coalesce(g.canonical_segment_id, u.segment_id) <> kept.canonical_segment_id

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM acme.external_id_mapping AS kept
    WHERE window_is_first
)
SELECT DISTINCT
    t.external_id_value,
    t.external_id_type
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE external_id_mapping_built AS
SELECT
    computed.canonical_segment_id,
    computed.external_id_type,
    computed.external_id_value,
    computed.external_id_hash,
    computed.timestamp,
    FALSE AS is_gone
FROM (
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
        FROM (SELECT landed.*, CAST(NULL AS STRING) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
          AND EXISTS (
            SELECT 1
            FROM external_id_mapping_affected AS a
            WHERE a.external_id_value = u.external_id_value
              AND a.external_id_type = u.external_id_type
          )
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
    FROM latest AS l
) AS computed;

INSERT INTO external_id_mapping_built
SELECT
    old.canonical_segment_id,
    old.external_id_type,
    old.external_id_value,
    old.external_id_hash,
    old.timestamp,
    TRUE
FROM acme.external_id_mapping AS old
WHERE EXISTS (
    SELECT 1
    FROM external_id_mapping_affected AS a
    WHERE a.external_id_value = old.external_id_value
      AND a.external_id_type = old.external_id_type
)
  AND NOT EXISTS (
    SELECT 1
    FROM external_id_mapping_built AS built
    WHERE built.external_id_type = old.external_id_type
      AND built.external_id_value = old.external_id_value
);

BEGIN TRANSACTION;

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.external_id_mapping AS old
USING external_id_mapping_built AS built
ON built.external_id_type = old.external_id_type
  AND built.external_id_value = old.external_id_value
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.canonical_segment_id IS DISTINCT FROM built.canonical_segment_id
    OR old.external_id_hash IS DISTINCT FROM built.external_id_hash
    OR old.timestamp IS DISTINCT FROM built.timestamp
) THEN
    UPDATE SET
        canonical_segment_id = built.canonical_segment_id,
        external_id_hash = built.external_id_hash,
        timestamp = built.timestamp
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        external_id_type,
        external_id_value,
        external_id_hash,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.external_id_type,
        built.external_id_value,
        built.external_id_hash,
        built.timestamp
    );

DELETE FROM acme.idgraph_watermarks WHERE model = 'external_id_mapping';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'external_id_mapping',
    'acme.id_graph_updates',
    window_graph_read_to,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)

UNION ALL

SELECT
    'external_id_mapping',
    'acme.external_id_mapping_updates',
    window_own_read_to,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)
;

COMMIT;
END;
