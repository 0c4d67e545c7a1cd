-- 0002 dropped context
--
--   gone column context_url
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view order_completed_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.order_completed_resolved;

-- The view tracks_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.tracks_resolved;

-- The view aliases_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.aliases_resolved;

-- The view groups_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.groups_resolved;

-- The view screens_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.screens_resolved;

-- The view pages_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.pages_resolved;

-- The view identifies_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW IF EXISTS acme.identifies_resolved;

-- identifies_resolved, made anew.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE VIEW acme.identifies_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.email AS varchar(65535)) AS email,
    e.visits
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.identifies AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.identifies_resolved IS 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.';

-- pages_resolved, made anew.
CREATE VIEW acme.pages_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.name AS varchar(65535)) AS name
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.pages AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.pages_resolved IS 'One row for every page call, with the profile that it belongs to now. Built by idgraph.';

-- screens_resolved, made anew.
CREATE VIEW acme.screens_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.name AS varchar(65535)) AS name
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.screens AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.screens_resolved IS 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.';

-- groups_resolved, made anew.
CREATE VIEW acme.groups_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.group_id AS varchar(65535)) AS group_id
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.groups AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.groups_resolved IS 'One row for every group call, with the profile that it belongs to now. Built by idgraph.';

-- aliases_resolved, made anew.
CREATE VIEW acme.aliases_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.previous_id AS varchar(65535)) AS previous_id
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.aliases AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.aliases_resolved IS 'One row for every alias call, with the profile that it belongs to now. Built by idgraph.';

-- tracks_resolved, made anew.
CREATE VIEW acme.tracks_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.event AS varchar(65535)) AS event,
    CAST(e.event_text AS varchar(65535)) AS event_text
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.tracks AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.tracks_resolved IS 'One row for every track call, whatever the event, with the profile that it belongs to now. Built by idgraph.';

-- order_completed_resolved, made anew.
-- idgraph: needs acme.order_completed.total float
CREATE VIEW acme.order_completed_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.event AS varchar(65535)) AS event,
    CAST(e.event_text AS varchar(65535)) AS event_text,
    e.total
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id
            ORDER BY
                landed."timestamp" DESC NULLS LAST,
                landed.uuid_ts DESC NULLS LAST,
                landed.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.order_completed AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.order_completed_resolved IS 'One row for every track call of Order Completed, with the profile that it belongs to now. Built by idgraph.';
