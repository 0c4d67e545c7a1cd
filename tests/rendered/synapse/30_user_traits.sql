-- One row for every trait of every canonical profile: its last value.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.long_traits', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_long_traits', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_long_traits TO long_traits;

IF OBJECT_ID('acme.long_traits', 'U') IS NULL
CREATE TABLE acme.long_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    name                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#long_traits_built') IS NOT NULL
    DROP TABLE #long_traits_built;

CREATE TABLE #long_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'email' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        t.email COLLATE Latin1_General_100_BIN2_UTF8 AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.email IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'plan' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        t.[plan] COLLATE Latin1_General_100_BIN2_UTF8 AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.[plan] IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'lifetime_value' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        CONVERT(varchar(40), t.lifetime_value, 3) AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.lifetime_value IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'is_vip' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        CASE t.is_vip WHEN 1 THEN 'true' WHEN 0 THEN 'false' END AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.is_vip IS NOT NULL

    UNION ALL

    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        'order' COLLATE Latin1_General_100_BIN2_UTF8 AS name,
        CONVERT(varchar(40), t.[order]) AS value,
        CAST(NULL AS varchar(8000)) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.[order] IS NOT NULL
),
ranked AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.name,
        t.value,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id), t.name
            ORDER BY
                t.timestamp DESC,
                t.uuid_ts DESC,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS nth_latest
    FROM long AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
)
SELECT
    r.canonical_segment_id,
    r.name,
    r.value,
    r.seq,
    r.received_at,
    r.uuid_ts,
    r.timestamp
FROM ranked AS r
WHERE r.nth_latest = 1;

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_long_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_long_traits;

IF OBJECT_ID('acme.idgraph_old_long_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_long_traits;

CREATE TABLE acme.idgraph_next_long_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    name                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

INSERT INTO acme.idgraph_next_long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.name,
    new.value,
    new.seq,
    new.received_at,
    new.uuid_ts,
    new.timestamp
FROM #long_traits_built AS new;

RENAME OBJECT acme.long_traits TO idgraph_old_long_traits;
RENAME OBJECT acme.idgraph_next_long_traits TO long_traits;

DROP TABLE acme.idgraph_old_long_traits;
