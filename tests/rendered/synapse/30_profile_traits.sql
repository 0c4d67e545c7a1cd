-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.profile_traits', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_profile_traits TO profile_traits;

IF OBJECT_ID('acme.profile_traits', 'U') IS NULL
CREATE TABLE acme.profile_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    [plan]               varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    lifetime_value       float,
    is_vip               bit,
    [order]              bigint,
    merged_to            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;

CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
        t.email,
        t.[plan],
        t.lifetime_value,
        t.is_vip,
        t.[order],
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id COLLATE Latin1_General_100_BIN2_UTF8)
            ORDER BY
                t.timestamp,
                t.uuid_ts,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000))
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id COLLATE Latin1_General_100_BIN2_UTF8
    WHERE t.segment_id IS NOT NULL
),
-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max(CASE WHEN r.[plan] IS NOT NULL THEN r.recency END) AS [plan],
        max(CASE WHEN r.lifetime_value IS NOT NULL THEN r.recency END) AS lifetime_value,
        max(CASE WHEN r.is_vip IS NOT NULL THEN r.recency END) AS is_vip,
        max(CASE WHEN r.[order] IS NOT NULL THEN r.recency END) AS [order]
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.email THEN r.email END) AS email,
        max(CASE WHEN r.recency = d.[plan] THEN r.[plan] END) AS [plan],
        max(CASE WHEN r.recency = d.lifetime_value THEN r.lifetime_value END) AS lifetime_value,
        CAST(max(CAST(CASE WHEN r.recency = d.is_vip THEN r.is_vip END AS tinyint)) AS bit) AS is_vip,
        max(CASE WHEN r.recency = d.[order] THEN r.[order] END) AS [order]
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.[plan],
    l.lifetime_value,
    l.is_vip,
    l.[order],
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_profile_traits;

IF OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_profile_traits;

CREATE TABLE acme.idgraph_next_profile_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    [plan]               varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    lifetime_value       float,
    is_vip               bit,
    [order]              bigint,
    merged_to            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);

INSERT INTO acme.idgraph_next_profile_traits (
    canonical_segment_id,
    email,
    [plan],
    lifetime_value,
    is_vip,
    [order],
    merged_to
)
SELECT
    new.canonical_segment_id,
    new.email,
    new.[plan],
    new.lifetime_value,
    new.is_vip,
    new.[order],
    new.merged_to
FROM #profile_traits_built AS new;

RENAME OBJECT acme.profile_traits TO idgraph_old_profile_traits;
RENAME OBJECT acme.idgraph_next_profile_traits TO profile_traits;

DROP TABLE acme.idgraph_old_profile_traits;
