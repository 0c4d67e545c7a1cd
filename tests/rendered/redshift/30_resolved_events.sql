-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.identifies_resolved;

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
    e.context_page_title,
    e.email,
    e.plan,
    e.lifetime_value,
    e.is_vip,
    e."order"
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
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.event_source_id,
            landed.event_id,
            landed.anonymous_id,
            landed.user_id,
            landed.sent_at,
            landed.original_timestamp,
            landed.received_at,
            landed.uuid_ts,
            landed."timestamp",
            landed.context_url,
            landed.context_page_title,
            landed.email,
            landed.plan,
            landed.lifetime_value,
            landed.is_vip,
            landed._order AS "order"
        FROM acme.identifies AS landed
    ) AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.identifies_resolved IS 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.';

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.pages_resolved;

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
    e.context_url,
    e.context_page_title
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.screens_resolved;

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
    e.context_url,
    e.context_page_title
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.groups_resolved;

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
    e.context_url,
    e.context_page_title
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.aliases_resolved;

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
    e.context_url,
    e.context_page_title
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.tracks_resolved;

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
    e.context_url,
    e.context_page_title
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.order_completed_resolved;

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
    e.context_page_title,
    e.total,
    e.order_id
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

COMMIT;
