-- 0002 dropped context
--
--   gone column context_url
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The view identifies_resolved shows something else now.
IF OBJECT_ID('acme.identifies_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.identifies_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
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
    e.name
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
    e.name
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
    e.group_id
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
    e.previous_id
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
    e.event_text
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

-- idgraph: needs acme.order_completed.total float
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
