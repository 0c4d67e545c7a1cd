-- 0002 new context
--
--   The way back.
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added context_page_title to identifies.
-- idgraph: destructive acme.identifies.context_page_title
-- idgraph: only-if-made-here acme.identifies
ALTER TABLE acme.identifies DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to pages.
-- idgraph: destructive acme.pages.context_page_title
-- idgraph: only-if-made-here acme.pages
ALTER TABLE acme.pages DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to screens.
-- idgraph: destructive acme.screens.context_page_title
-- idgraph: only-if-made-here acme.screens
ALTER TABLE acme.screens DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to groups.
-- idgraph: destructive acme.groups.context_page_title
-- idgraph: only-if-made-here acme.groups
ALTER TABLE acme.groups DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to aliases.
-- idgraph: destructive acme.aliases.context_page_title
-- idgraph: only-if-made-here acme.aliases
ALTER TABLE acme.aliases DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to tracks.
-- idgraph: destructive acme.tracks.context_page_title
-- idgraph: only-if-made-here acme.tracks
ALTER TABLE acme.tracks DROP COLUMN context_page_title;
GO

-- The way forward added context_page_title to order_completed.
-- idgraph: destructive acme.order_completed.context_page_title
-- idgraph: only-if-made-here acme.order_completed
ALTER TABLE acme.order_completed DROP COLUMN context_page_title;
GO

-- Changes

-- The view identifies_resolved shows something else now.
IF OBJECT_ID('acme.identifies_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.identifies_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.identifies.context_url
-- idgraph: needs acme.identifies.email
-- idgraph: needs acme.identifies.visits
ALTER VIEW acme.identifies_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.context_url,
    e.email,
    e.visits
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

-- The view pages_resolved shows something else now.
IF OBJECT_ID('acme.pages_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.pages_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.pages.context_url
ALTER VIEW acme.pages_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.name,
    e.context_url
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
    FROM acme.pages AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

-- The view screens_resolved shows something else now.
IF OBJECT_ID('acme.screens_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.screens_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.screens.context_url
ALTER VIEW acme.screens_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.name,
    e.context_url
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
    FROM acme.screens AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO

-- The view groups_resolved shows something else now.
IF OBJECT_ID('acme.groups_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.groups_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.groups.context_url
ALTER VIEW acme.groups_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.group_id,
    e.context_url
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

-- The view aliases_resolved shows something else now.
IF OBJECT_ID('acme.aliases_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.aliases_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.aliases.context_url
ALTER VIEW acme.aliases_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.previous_id,
    e.context_url
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

-- The view tracks_resolved shows something else now.
IF OBJECT_ID('acme.tracks_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.tracks_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.tracks.context_url
ALTER VIEW acme.tracks_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url
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

-- The view order_completed_resolved shows something else now.
IF OBJECT_ID('acme.order_completed_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.order_completed_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.order_completed.context_url
-- idgraph: needs acme.order_completed.total
ALTER VIEW acme.order_completed_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
    e.id,
    e.segment_id,
    e.event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    e.total
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
