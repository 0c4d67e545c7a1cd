-- 0002 new context
--
--   The way back.
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view identifies_resolved shows something else now.
-- idgraph: needs acme.identifies.context_url varchar
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE OR REPLACE VIEW acme.identifies_resolved AS
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
    e.timestamp,
    e.context_url,
    e.email,
    e.visits
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

-- The view pages_resolved shows something else now.
-- idgraph: needs acme.pages.context_url varchar
CREATE OR REPLACE VIEW acme.pages_resolved AS
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
    e.timestamp,
    e.name,
    e.context_url
FROM acme.pages AS e
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

COMMENT ON VIEW acme.pages_resolved IS 'One row for every page call, with the profile that it belongs to now. Built by idgraph.';

-- The view screens_resolved shows something else now.
-- idgraph: needs acme.screens.context_url varchar
CREATE OR REPLACE VIEW acme.screens_resolved AS
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
    e.timestamp,
    e.name,
    e.context_url
FROM acme.screens AS e
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

COMMENT ON VIEW acme.screens_resolved IS 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.';

-- The view groups_resolved shows something else now.
-- idgraph: needs acme.groups.context_url varchar
CREATE OR REPLACE VIEW acme.groups_resolved AS
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
    e.timestamp,
    e.group_id,
    e.context_url
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

-- The view aliases_resolved shows something else now.
-- idgraph: needs acme.aliases.context_url varchar
CREATE OR REPLACE VIEW acme.aliases_resolved AS
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
    e.timestamp,
    e.previous_id,
    e.context_url
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

-- The view tracks_resolved shows something else now.
-- idgraph: needs acme.tracks.context_url varchar
CREATE OR REPLACE VIEW acme.tracks_resolved AS
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
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url
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

-- The view order_completed_resolved shows something else now.
-- idgraph: needs acme.order_completed.context_url varchar
-- idgraph: needs acme.order_completed.total float
CREATE OR REPLACE VIEW acme.order_completed_resolved AS
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
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    e.total
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
