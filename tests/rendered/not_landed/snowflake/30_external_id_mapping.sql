-- One row for every external id: the profile that holds it now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.external_id_mapping (
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    external_id_type     varchar      COMMENT 'Kind of the external id',
    external_id_value    varchar      COMMENT 'The external id',
    external_id_hash     varchar      COMMENT 'SHA-1 of type followed by value, in lower-case hex',
    timestamp            timestamp_tz COMMENT 'When the profile was last seen with it'
)
CLUSTER BY (external_id_value)
COMMENT = 'One row for every external id: the profile that holds it now. Built by idgraph.';

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_window AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'external_id_mapping'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
        OR (
            w.landed = 'acme.external_id_mapping_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.external_id_mapping_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.external_id_mapping AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 2
)
SELECT
    coalesce(
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.external_id_mapping_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u WHERE u.uuid_ts <= current_timestamp()) AS own_read_to,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_affected AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_external_id_mapping_window AS w)
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
    FROM (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE (
        u.uuid_ts BETWEEN
                (SELECT w.own_since FROM acme.idgraph_work_external_id_mapping_window AS w)
            AND (SELECT w.own_until FROM acme.idgraph_work_external_id_mapping_window AS w)
        OR u.uuid_ts IS NULL
    )

    UNION ALL

    SELECT
        u.external_id_value,
        u.external_id_type
    FROM (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = u.segment_id)

    UNION ALL

    -- What the profiles of new rows hold by rows that are there no more: these were changed in place.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM (
        SELECT DISTINCT coalesce(g.canonical_segment_id, u.segment_id) AS canonical_segment_id
        FROM (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        LEFT JOIN acme.id_graph AS g ON g.segment_id = u.segment_id
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.own_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.own_until FROM acme.idgraph_work_external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS profile
    JOIN acme.external_id_mapping AS kept
        ON kept.canonical_segment_id = profile.canonical_segment_id
    LEFT JOIN (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
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
    WHERE (SELECT w.is_first FROM acme.idgraph_work_external_id_mapping_window AS w)
)
SELECT DISTINCT
    t.external_id_value,
    t.external_id_type
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_built AS
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
        FROM (SELECT landed.*, CAST(NULL AS varchar) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
          AND EXISTS (
            SELECT 1
            FROM acme.idgraph_work_external_id_mapping_affected AS a
            WHERE a.external_id_value = u.external_id_value
              AND a.external_id_type = u.external_id_type
          )
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
        l.external_id_type,
        l.external_id_value,
        coalesce(l.external_id_hash, sha1(l.external_id_type || l.external_id_value)) AS external_id_hash,
        l.timestamp
    FROM latest AS l
) AS computed;

INSERT INTO acme.idgraph_work_external_id_mapping_built
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
    FROM acme.idgraph_work_external_id_mapping_affected AS a
    WHERE a.external_id_value = old.external_id_value
      AND a.external_id_type = old.external_id_type
)
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_work_external_id_mapping_built AS built
    WHERE built.external_id_type = old.external_id_type
      AND built.external_id_value = old.external_id_value
);

BEGIN TRANSACTION;

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.external_id_mapping AS old
USING acme.idgraph_work_external_id_mapping_built AS built
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
    (SELECT w.graph_read_to FROM acme.idgraph_work_external_id_mapping_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'external_id_mapping',
    'acme.external_id_mapping_updates',
    (SELECT w.own_read_to FROM acme.idgraph_work_external_id_mapping_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)
;

COMMIT;
