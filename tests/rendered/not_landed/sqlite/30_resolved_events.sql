-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

DROP VIEW IF EXISTS acme.identifies_resolved;

CREATE VIEW acme.identifies_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS text) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS text) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS text) AS context_url,
    e.context_page_title,
    e.email,
    CAST(NULL AS text) AS plan,
    e.lifetime_value,
    CAST(NULL AS boolean) AS is_vip,
    e."order"
FROM identifies AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM identifies AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, ''),
        coalesce(again.uuid_ts, ''),
        coalesce(again.segment_id, ''),
        again.rowid
      ) > (
        coalesce(e.timestamp, ''),
        coalesce(e.uuid_ts, ''),
        coalesce(e.segment_id, ''),
        e.rowid
      )
);

DROP VIEW IF EXISTS acme.pages_resolved;

CREATE VIEW acme.pages_resolved AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS text) AS canonical_segment_id,
    CAST(NULL AS text) AS id,
    CAST(NULL AS text) AS segment_id,
    CAST(NULL AS text) AS event_source_id,
    CAST(NULL AS text) AS event_id,
    CAST(NULL AS text) AS anonymous_id,
    CAST(NULL AS text) AS user_id,
    CAST(NULL AS text) AS sent_at,
    CAST(NULL AS text) AS original_timestamp,
    CAST(NULL AS text) AS received_at,
    CAST(NULL AS text) AS uuid_ts,
    CAST(NULL AS text) AS timestamp,
    CAST(NULL AS text) AS name,
    CAST(NULL AS text) AS context_url,
    CAST(NULL AS text) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

DROP VIEW IF EXISTS acme.screens_resolved;

CREATE VIEW acme.screens_resolved AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS text) AS canonical_segment_id,
    CAST(NULL AS text) AS id,
    CAST(NULL AS text) AS segment_id,
    CAST(NULL AS text) AS event_source_id,
    CAST(NULL AS text) AS event_id,
    CAST(NULL AS text) AS anonymous_id,
    CAST(NULL AS text) AS user_id,
    CAST(NULL AS text) AS sent_at,
    CAST(NULL AS text) AS original_timestamp,
    CAST(NULL AS text) AS received_at,
    CAST(NULL AS text) AS uuid_ts,
    CAST(NULL AS text) AS timestamp,
    CAST(NULL AS text) AS name,
    CAST(NULL AS text) AS context_url,
    CAST(NULL AS text) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

DROP VIEW IF EXISTS acme.groups_resolved;

CREATE VIEW acme.groups_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS text) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS text) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS text) AS group_id,
    CAST(NULL AS text) AS context_url,
    CAST(NULL AS text) AS context_page_title
FROM groups AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM groups AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, ''),
        coalesce(again.uuid_ts, ''),
        coalesce(again.segment_id, ''),
        again.rowid
      ) > (
        coalesce(e.timestamp, ''),
        coalesce(e.uuid_ts, ''),
        coalesce(e.segment_id, ''),
        e.rowid
      )
);

DROP VIEW IF EXISTS acme.aliases_resolved;

CREATE VIEW acme.aliases_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS text) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS text) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS text) AS previous_id,
    CAST(NULL AS text) AS context_url,
    CAST(NULL AS text) AS context_page_title
FROM aliases AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM aliases AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, ''),
        coalesce(again.uuid_ts, ''),
        coalesce(again.segment_id, ''),
        again.rowid
      ) > (
        coalesce(e.timestamp, ''),
        coalesce(e.uuid_ts, ''),
        coalesce(e.segment_id, ''),
        e.rowid
      )
);

DROP VIEW IF EXISTS acme.tracks_resolved;

CREATE VIEW acme.tracks_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS text) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS text) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    CAST(NULL AS text) AS context_url,
    CAST(NULL AS text) AS context_page_title
FROM tracks AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM tracks AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, ''),
        coalesce(again.uuid_ts, ''),
        coalesce(again.segment_id, ''),
        again.rowid
      ) > (
        coalesce(e.timestamp, ''),
        coalesce(e.uuid_ts, ''),
        coalesce(e.segment_id, ''),
        e.rowid
      )
);

DROP VIEW IF EXISTS acme.order_completed_resolved;

CREATE VIEW acme.order_completed_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS text) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS text) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    CAST(NULL AS text) AS context_page_title,
    e.total,
    CAST(NULL AS text) AS order_id
FROM order_completed AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM order_completed AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, ''),
        coalesce(again.uuid_ts, ''),
        coalesce(again.segment_id, ''),
        again.rowid
      ) > (
        coalesce(e.timestamp, ''),
        coalesce(e.uuid_ts, ''),
        coalesce(e.segment_id, ''),
        e.rowid
      )
);
