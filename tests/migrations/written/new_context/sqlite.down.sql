-- 0002 new context
--
--   The way back.
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view identifies_resolved shows something else now.
DROP VIEW IF EXISTS acme.identifies_resolved;

-- idgraph: needs acme.identifies.context_url varchar
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE VIEW acme.identifies_resolved AS
-- Built by idgraph.
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

-- The view pages_resolved shows something else now.
DROP VIEW IF EXISTS acme.pages_resolved;

-- idgraph: needs acme.pages.context_url varchar
CREATE VIEW acme.pages_resolved AS
-- Built by idgraph.
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
FROM pages AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM pages AS again
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

-- The view screens_resolved shows something else now.
DROP VIEW IF EXISTS acme.screens_resolved;

-- idgraph: needs acme.screens.context_url varchar
CREATE VIEW acme.screens_resolved AS
-- Built by idgraph.
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
FROM screens AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM screens AS again
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

-- The view groups_resolved shows something else now.
DROP VIEW IF EXISTS acme.groups_resolved;

-- idgraph: needs acme.groups.context_url varchar
CREATE VIEW acme.groups_resolved AS
-- Built by idgraph.
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

-- The view aliases_resolved shows something else now.
DROP VIEW IF EXISTS acme.aliases_resolved;

-- idgraph: needs acme.aliases.context_url varchar
CREATE VIEW acme.aliases_resolved AS
-- Built by idgraph.
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

-- The view tracks_resolved shows something else now.
DROP VIEW IF EXISTS acme.tracks_resolved;

-- idgraph: needs acme.tracks.context_url varchar
CREATE VIEW acme.tracks_resolved AS
-- Built by idgraph.
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

-- The view order_completed_resolved shows something else now.
DROP VIEW IF EXISTS acme.order_completed_resolved;

-- idgraph: needs acme.order_completed.context_url varchar
-- idgraph: needs acme.order_completed.total float
CREATE VIEW acme.order_completed_resolved AS
-- Built by idgraph.
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
