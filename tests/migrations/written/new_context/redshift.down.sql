-- 0002 new context
--
--   The way back.
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view order_completed_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.order_completed_resolved;

-- The view tracks_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.tracks_resolved;

-- The view aliases_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.aliases_resolved;

-- The view groups_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.groups_resolved;

-- The view screens_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.screens_resolved;

-- The view pages_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.pages_resolved;

-- The view identifies_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.identifies_resolved;

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added context_page_title to identifies.
-- idgraph: destructive acme.identifies.context_page_title
-- idgraph: only-if-made-here acme.identifies
ALTER TABLE acme.identifies DROP COLUMN context_page_title;

-- The way forward added context_page_title to pages.
-- idgraph: destructive acme.pages.context_page_title
-- idgraph: only-if-made-here acme.pages
ALTER TABLE acme.pages DROP COLUMN context_page_title;

-- The way forward added context_page_title to screens.
-- idgraph: destructive acme.screens.context_page_title
-- idgraph: only-if-made-here acme.screens
ALTER TABLE acme.screens DROP COLUMN context_page_title;

-- The way forward added context_page_title to groups.
-- idgraph: destructive acme.groups.context_page_title
-- idgraph: only-if-made-here acme.groups
ALTER TABLE acme.groups DROP COLUMN context_page_title;

-- The way forward added context_page_title to aliases.
-- idgraph: destructive acme.aliases.context_page_title
-- idgraph: only-if-made-here acme.aliases
ALTER TABLE acme.aliases DROP COLUMN context_page_title;

-- The way forward added context_page_title to tracks.
-- idgraph: destructive acme.tracks.context_page_title
-- idgraph: only-if-made-here acme.tracks
ALTER TABLE acme.tracks DROP COLUMN context_page_title;

-- The way forward added context_page_title to order_completed.
-- idgraph: destructive acme.order_completed.context_page_title
-- idgraph: only-if-made-here acme.order_completed
ALTER TABLE acme.order_completed DROP COLUMN context_page_title;

-- Changes

-- identifies_resolved, made anew.
-- idgraph: needs acme.identifies.context_url
-- idgraph: needs acme.identifies.email
-- idgraph: needs acme.identifies.visits
CREATE VIEW acme.identifies_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.context_url,
    e.email,
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
-- idgraph: needs acme.pages.context_url
CREATE VIEW acme.pages_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.name,
    e.context_url
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
-- idgraph: needs acme.screens.context_url
CREATE VIEW acme.screens_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.name,
    e.context_url
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
-- idgraph: needs acme.groups.context_url
CREATE VIEW acme.groups_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.group_id,
    e.context_url
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
-- idgraph: needs acme.aliases.context_url
CREATE VIEW acme.aliases_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.previous_id,
    e.context_url
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
-- idgraph: needs acme.tracks.context_url
CREATE VIEW acme.tracks_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.event,
    e.event_text,
    e.context_url
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
-- idgraph: needs acme.order_completed.context_url
-- idgraph: needs acme.order_completed.total
CREATE VIEW acme.order_completed_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
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
    e."timestamp",
    e.event,
    e.event_text,
    e.context_url,
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
