-- One row for every external id: the profile that holds it now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF OBJECT_ID('acme.external_id_mapping', 'U') IS NULL
CREATE TABLE acme.external_id_mapping (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_type     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_value    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_hash     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (external_id_value), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#external_id_mapping_window') IS NOT NULL
    DROP TABLE #external_id_mapping_window;

CREATE TABLE #external_id_mapping_window
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)
AS
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
        DATEADD(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS datetime2(7))
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        DATEADD(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.external_id_mapping_updates')),
        CAST('0001-01-01' AS datetime2(7))
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u WHERE u.uuid_ts <= sysutcdatetime()) AS own_read_to,
    CAST(CASE WHEN (SELECT count(*) FROM noted) = 0 THEN 1 ELSE 0 END AS bit) AS is_first;

IF OBJECT_ID('tempdb..#external_id_mapping_affected') IS NOT NULL
    DROP TABLE #external_id_mapping_affected;

CREATE TABLE #external_id_mapping_affected
WITH (DISTRIBUTION = HASH (external_id_value), HEAP)
AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM #external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM #external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM #external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM #external_id_mapping_window AS w)
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
        u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_value,
        u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_type
    FROM (SELECT landed.*, CAST(NULL AS varchar(8000)) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE (
        u.uuid_ts BETWEEN
                (SELECT w.own_since FROM #external_id_mapping_window AS w)
            AND (SELECT w.own_until FROM #external_id_mapping_window AS w)
        OR u.uuid_ts IS NULL
    )

    UNION ALL

    SELECT
        u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_value,
        u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_type
    FROM (SELECT landed.*, CAST(NULL AS varchar(8000)) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = u.segment_id COLLATE Latin1_General_100_BIN2_UTF8)

    UNION ALL

    -- What the profiles of new rows hold by rows that are there no more: these were changed in place.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM (
        SELECT DISTINCT coalesce(g.canonical_segment_id, u.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id
        FROM (SELECT landed.*, CAST(NULL AS varchar(8000)) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        LEFT JOIN acme.id_graph AS g ON g.segment_id = u.segment_id COLLATE Latin1_General_100_BIN2_UTF8
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.own_since FROM #external_id_mapping_window AS w)
                  AND (SELECT w.own_until FROM #external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS profile
    JOIN acme.external_id_mapping AS kept
        ON kept.canonical_segment_id = profile.canonical_segment_id
    LEFT JOIN (SELECT landed.*, CAST(NULL AS varchar(8000)) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        ON  u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 = kept.external_id_value
        AND u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 = kept.external_id_type
        AND (u.timestamp = kept.timestamp OR (u.timestamp IS NULL AND kept.timestamp IS NULL))
    LEFT JOIN acme.id_graph AS g
        ON g.segment_id = u.segment_id COLLATE Latin1_General_100_BIN2_UTF8
    WHERE u.segment_id IS NULL
       OR coalesce(g.canonical_segment_id, u.segment_id COLLATE Latin1_General_100_BIN2_UTF8) <> kept.canonical_segment_id

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM acme.external_id_mapping AS kept
    WHERE ((SELECT w.is_first FROM #external_id_mapping_window AS w) = 1)
)
SELECT DISTINCT
    t.external_id_value,
    t.external_id_type
FROM together AS t;

IF OBJECT_ID('tempdb..#external_id_mapping_built') IS NOT NULL
    DROP TABLE #external_id_mapping_built;

CREATE TABLE #external_id_mapping_built
WITH (DISTRIBUTION = HASH (external_id_value), HEAP)
AS
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
            u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_type,
            u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_value,
            u.external_id_hash,
            u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id,
            row_number() OVER (
                PARTITION BY
                    u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8,
                    u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8
                ORDER BY
                    u.timestamp DESC,
                    CAST(u.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    u.uuid_ts DESC,
                    CAST(u.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    CAST(u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
            ) AS nth_latest
        FROM (SELECT landed.*, CAST(NULL AS varchar(8000)) AS external_id_hash FROM acme.external_id_mapping_updates AS landed) AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
          AND EXISTS (
            SELECT 1
            FROM #external_id_mapping_affected AS a
            WHERE a.external_id_value = u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8
              AND a.external_id_type = u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8
          )
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
    coalesce(l.external_id_hash, lower(CONVERT(
        varchar(40), HASHBYTES('SHA1', CAST(l.external_id_type + l.external_id_value AS varchar(8000))), 2
    ))) AS external_id_hash,
    l.timestamp
FROM latest AS l;

BEGIN TRANSACTION;

DELETE FROM acme.external_id_mapping
WHERE EXISTS (
    SELECT 1
    FROM #external_id_mapping_affected AS a
    WHERE a.external_id_value = external_id_mapping.external_id_value
      AND a.external_id_type = external_id_mapping.external_id_type
);

INSERT INTO acme.external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
SELECT
    built.canonical_segment_id,
    built.external_id_type,
    built.external_id_value,
    built.external_id_hash,
    built.timestamp
FROM #external_id_mapping_built AS built;

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
    (SELECT w.graph_read_to FROM #external_id_mapping_window AS w),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))

UNION ALL

SELECT
    'external_id_mapping',
    'acme.external_id_mapping_updates',
    (SELECT w.own_read_to FROM #external_id_mapping_window AS w),
    CAST(NULL AS varchar(8000)),
    CAST(NULL AS varchar(8000))
;

COMMIT;
