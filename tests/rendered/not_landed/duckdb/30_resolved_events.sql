-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE OR REPLACE VIEW acme.identifies_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar) AS context_url,
    e.context_page_title,
    e.email,
    CAST(NULL AS varchar) AS plan,
    e.lifetime_value,
    CAST(NULL AS boolean) AS is_vip,
    e."order"
FROM acme.identifies AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC NULLS LAST,
            e.uuid_ts DESC NULLS LAST,
            e.segment_id DESC NULLS LAST
    ) = 1;

COMMENT ON VIEW acme.identifies_resolved IS 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.pages_resolved AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar) AS canonical_segment_id,
    CAST(NULL AS varchar) AS id,
    CAST(NULL AS varchar) AS segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    CAST(NULL AS varchar) AS event_id,
    CAST(NULL AS varchar) AS anonymous_id,
    CAST(NULL AS varchar) AS user_id,
    CAST(NULL AS timestamp with time zone) AS sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    CAST(NULL AS timestamp with time zone) AS received_at,
    CAST(NULL AS timestamp with time zone) AS uuid_ts,
    CAST(NULL AS timestamp with time zone) AS timestamp,
    CAST(NULL AS varchar) AS name,
    CAST(NULL AS varchar) AS context_url,
    CAST(NULL AS varchar) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

COMMENT ON VIEW acme.pages_resolved IS 'One row for every page call, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.screens_resolved AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS varchar) AS canonical_segment_id,
    CAST(NULL AS varchar) AS id,
    CAST(NULL AS varchar) AS segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    CAST(NULL AS varchar) AS event_id,
    CAST(NULL AS varchar) AS anonymous_id,
    CAST(NULL AS varchar) AS user_id,
    CAST(NULL AS timestamp with time zone) AS sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    CAST(NULL AS timestamp with time zone) AS received_at,
    CAST(NULL AS timestamp with time zone) AS uuid_ts,
    CAST(NULL AS timestamp with time zone) AS timestamp,
    CAST(NULL AS varchar) AS name,
    CAST(NULL AS varchar) AS context_url,
    CAST(NULL AS varchar) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

COMMENT ON VIEW acme.screens_resolved IS 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.groups_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar) AS group_id,
    CAST(NULL AS varchar) AS context_url,
    CAST(NULL AS varchar) AS context_page_title
FROM acme.groups AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC NULLS LAST,
            e.uuid_ts DESC NULLS LAST,
            e.segment_id DESC NULLS LAST
    ) = 1;

COMMENT ON VIEW acme.groups_resolved IS 'One row for every group call, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.aliases_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS varchar) AS previous_id,
    CAST(NULL AS varchar) AS context_url,
    CAST(NULL AS varchar) AS context_page_title
FROM acme.aliases AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC NULLS LAST,
            e.uuid_ts DESC NULLS LAST,
            e.segment_id DESC NULLS LAST
    ) = 1;

COMMENT ON VIEW acme.aliases_resolved IS 'One row for every alias call, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.tracks_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    CAST(NULL AS varchar) AS context_url,
    CAST(NULL AS varchar) AS context_page_title
FROM acme.tracks AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC NULLS LAST,
            e.uuid_ts DESC NULLS LAST,
            e.segment_id DESC NULLS LAST
    ) = 1;

COMMENT ON VIEW acme.tracks_resolved IS 'One row for every track call, whatever the event, with the profile that it belongs to now. Built by idgraph.';

CREATE OR REPLACE VIEW acme.order_completed_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS varchar) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp with time zone) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    CAST(NULL AS varchar) AS context_page_title,
    e.total,
    CAST(NULL AS varchar) AS order_id
FROM acme.order_completed AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC NULLS LAST,
            e.uuid_ts DESC NULLS LAST,
            e.segment_id DESC NULLS LAST
    ) = 1;

COMMENT ON VIEW acme.order_completed_resolved IS 'One row for every track call of Order Completed, with the profile that it belongs to now. Built by idgraph.';
