-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF OBJECT_ID('acme.identifies_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.identifies_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.identifies_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar(8000)) AS context_url,
    e.context_page_title,
    e.email,
    CAST(NULL AS varchar(8000)) AS [plan],
    e.lifetime_value,
    CAST(NULL AS bit) AS is_vip,
    e.[order]
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.identifies AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

IF OBJECT_ID('acme.pages_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.pages_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.pages_resolved AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar(8000)) AS canonical_segment_id,
    CAST(NULL AS varchar(8000)) AS id,
    CAST(NULL AS varchar(8000)) AS segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    CAST(NULL AS varchar(8000)) AS event_id,
    CAST(NULL AS varchar(8000)) AS anonymous_id,
    CAST(NULL AS varchar(8000)) AS user_id,
    CAST(NULL AS datetime2(7)) AS sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    CAST(NULL AS datetime2(7)) AS received_at,
    CAST(NULL AS datetime2(7)) AS uuid_ts,
    CAST(NULL AS datetime2(7)) AS timestamp,
    CAST(NULL AS varchar(8000)) AS name,
    CAST(NULL AS varchar(8000)) AS context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;
GO

IF OBJECT_ID('acme.screens_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.screens_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.screens_resolved AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar(8000)) AS canonical_segment_id,
    CAST(NULL AS varchar(8000)) AS id,
    CAST(NULL AS varchar(8000)) AS segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    CAST(NULL AS varchar(8000)) AS event_id,
    CAST(NULL AS varchar(8000)) AS anonymous_id,
    CAST(NULL AS varchar(8000)) AS user_id,
    CAST(NULL AS datetime2(7)) AS sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    CAST(NULL AS datetime2(7)) AS received_at,
    CAST(NULL AS datetime2(7)) AS uuid_ts,
    CAST(NULL AS datetime2(7)) AS timestamp,
    CAST(NULL AS varchar(8000)) AS name,
    CAST(NULL AS varchar(8000)) AS context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;
GO

IF OBJECT_ID('acme.groups_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.groups_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.groups_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar(8000)) AS group_id,
    CAST(NULL AS varchar(8000)) AS context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.groups AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

IF OBJECT_ID('acme.aliases_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.aliases_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.aliases_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar(8000)) AS previous_id,
    CAST(NULL AS varchar(8000)) AS context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.aliases AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

IF OBJECT_ID('acme.tracks_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.tracks_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.tracks_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    CAST(NULL AS varchar(8000)) AS context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.tracks AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

IF OBJECT_ID('acme.order_completed_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.order_completed_resolved AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.order_completed_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar(8000)) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS datetime2(7)) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    CAST(NULL AS varchar(8000)) AS context_page_title,
    e.total,
    CAST(NULL AS varchar(8000)) AS order_id
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.order_completed AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO
