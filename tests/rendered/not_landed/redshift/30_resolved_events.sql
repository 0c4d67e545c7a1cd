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
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(e.context_page_title AS varchar(65535)) AS context_page_title,
    CAST(e.email AS varchar(65535)) AS email,
    CAST(NULL AS varchar(65535)) AS plan,
    e.lifetime_value,
    CAST(NULL AS boolean) AS is_vip,
    CAST(NULL AS bigint) AS "order"
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

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.pages_resolved;

CREATE VIEW acme.pages_resolved AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar(65535)) AS canonical_segment_id,
    CAST(NULL AS varchar(65535)) AS id,
    CAST(NULL AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(NULL AS varchar(65535)) AS event_id,
    CAST(NULL AS varchar(65535)) AS anonymous_id,
    CAST(NULL AS varchar(65535)) AS user_id,
    CAST(NULL AS timestamptz) AS sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    CAST(NULL AS timestamptz) AS received_at,
    CAST(NULL AS timestamptz) AS uuid_ts,
    CAST(NULL AS timestamptz) AS "timestamp",
    CAST(NULL AS varchar(65535)) AS name,
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.pages_resolved IS 'One row for every page call, with the profile that it belongs to now. Built by idgraph.';

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.screens_resolved;

CREATE VIEW acme.screens_resolved AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar(65535)) AS canonical_segment_id,
    CAST(NULL AS varchar(65535)) AS id,
    CAST(NULL AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(NULL AS varchar(65535)) AS event_id,
    CAST(NULL AS varchar(65535)) AS anonymous_id,
    CAST(NULL AS varchar(65535)) AS user_id,
    CAST(NULL AS timestamptz) AS sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    CAST(NULL AS timestamptz) AS received_at,
    CAST(NULL AS timestamptz) AS uuid_ts,
    CAST(NULL AS timestamptz) AS "timestamp",
    CAST(NULL AS varchar(65535)) AS name,
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.screens_resolved IS 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.';

COMMIT;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.groups_resolved;

CREATE VIEW acme.groups_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(NULL AS varchar(65535)) AS group_id,
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title
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
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(NULL AS varchar(65535)) AS previous_id,
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title
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
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.event AS varchar(65535)) AS event,
    CAST(e.event_text AS varchar(65535)) AS event_text,
    CAST(NULL AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title
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
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(NULL AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    CAST(NULL AS timestamptz) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.event AS varchar(65535)) AS event,
    CAST(e.event_text AS varchar(65535)) AS event_text,
    CAST(e.context_url AS varchar(65535)) AS context_url,
    CAST(NULL AS varchar(65535)) AS context_page_title,
    e.total,
    CAST(NULL AS varchar(65535)) AS order_id
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
