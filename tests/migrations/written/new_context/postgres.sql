-- 0002 new context
--
--   new column context_page_title
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view identifies_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.identifies_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.identifies_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'identifies_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.identifies_resolved') AS oid) AS text)
);

-- idgraph: needs acme.identifies.context_url varchar
-- idgraph: needs acme.identifies.context_page_title varchar
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE OR REPLACE VIEW acme.identifies_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.email AS text) AS email,
    e.visits,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.identifies AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.identifies AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'identifies_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.identifies_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.identifies', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.identifies_resolved IS 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.identifies_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.identifies_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.identifies_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.identifies_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.identifies_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.identifies_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.identifies_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.identifies_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.identifies_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.identifies_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.identifies_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.identifies_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.identifies_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.identifies_resolved.email                IS 'Trait email';
COMMENT ON COLUMN acme.identifies_resolved.visits               IS 'Trait visits';
COMMENT ON COLUMN acme.identifies_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view pages_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.pages_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.pages_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'pages_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.pages_resolved') AS oid) AS text)
);

-- idgraph: needs acme.pages.context_url varchar
-- idgraph: needs acme.pages.context_page_title varchar
CREATE OR REPLACE VIEW acme.pages_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.name AS text) AS name,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.pages AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.pages AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'pages_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.pages_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.pages', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.pages_resolved IS 'One row for every page call, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.pages_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.pages_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.pages_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.pages_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.pages_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.pages_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.pages_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.pages_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.pages_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.pages_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.pages_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.pages_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.pages_resolved.name                 IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.pages_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.pages_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view screens_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.screens_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.screens_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'screens_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.screens_resolved') AS oid) AS text)
);

-- idgraph: needs acme.screens.context_url varchar
-- idgraph: needs acme.screens.context_page_title varchar
CREATE OR REPLACE VIEW acme.screens_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.name AS text) AS name,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.screens AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.screens AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'screens_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.screens_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.screens', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.screens_resolved IS 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.screens_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.screens_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.screens_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.screens_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.screens_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.screens_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.screens_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.screens_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.screens_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.screens_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.screens_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.screens_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.screens_resolved.name                 IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.screens_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.screens_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view groups_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.groups_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.groups_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'groups_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.groups_resolved') AS oid) AS text)
);

-- idgraph: needs acme.groups.context_url varchar
-- idgraph: needs acme.groups.context_page_title varchar
CREATE OR REPLACE VIEW acme.groups_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.group_id AS text) AS group_id,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.groups AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.groups AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'groups_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.groups_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.groups', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.groups_resolved IS 'One row for every group call, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.groups_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.groups_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.groups_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.groups_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.groups_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.groups_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.groups_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.groups_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.groups_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.groups_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.groups_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.groups_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.groups_resolved.group_id             IS 'The group that the user belongs to';
COMMENT ON COLUMN acme.groups_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.groups_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view aliases_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.aliases_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.aliases_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'aliases_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.aliases_resolved') AS oid) AS text)
);

-- idgraph: needs acme.aliases.context_url varchar
-- idgraph: needs acme.aliases.context_page_title varchar
CREATE OR REPLACE VIEW acme.aliases_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.previous_id AS text) AS previous_id,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.aliases AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.aliases AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'aliases_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.aliases_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.aliases', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.aliases_resolved IS 'One row for every alias call, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.aliases_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.aliases_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.aliases_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.aliases_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.aliases_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.aliases_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.aliases_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.aliases_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.aliases_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.aliases_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.aliases_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.aliases_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.aliases_resolved.previous_id          IS 'The id that the user had before';
COMMENT ON COLUMN acme.aliases_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.aliases_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view tracks_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.tracks_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.tracks_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'tracks_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.tracks_resolved') AS oid) AS text)
);

-- idgraph: needs acme.tracks.context_url varchar
-- idgraph: needs acme.tracks.context_page_title varchar
CREATE OR REPLACE VIEW acme.tracks_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.event AS text) AS event,
    CAST(e.event_text AS text) AS event_text,
    CAST(e.context_url AS text) AS context_url,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.tracks AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.tracks AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'tracks_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.tracks_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.tracks', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.tracks_resolved IS 'One row for every track call, whatever the event, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.tracks_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.tracks_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.tracks_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.tracks_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.tracks_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.tracks_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.tracks_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.tracks_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.tracks_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.tracks_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.tracks_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.tracks_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.tracks_resolved.event                IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.tracks_resolved.event_text           IS 'The event''s name as sent';
COMMENT ON COLUMN acme.tracks_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.tracks_resolved.context_page_title   IS 'The event''s context.page_title';

-- The view order_completed_resolved shows something else now.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.order_completed_resolved') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.order_completed_resolved') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'order_completed_resolved'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.order_completed_resolved') AS oid) AS text)
);

-- idgraph: needs acme.order_completed.context_url varchar
-- idgraph: needs acme.order_completed.context_page_title varchar
-- idgraph: needs acme.order_completed.total float
CREATE OR REPLACE VIEW acme.order_completed_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS text) AS id,
    CAST(e.segment_id AS text) AS segment_id,
    CAST(e.event_source_id AS text) AS event_source_id,
    CAST(e.event_id AS text) AS event_id,
    CAST(e.anonymous_id AS text) AS anonymous_id,
    CAST(e.user_id AS text) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(e.event AS text) AS event,
    CAST(e.event_text AS text) AS event_text,
    CAST(e.context_url AS text) AS context_url,
    e.total,
    CAST(e.context_page_title AS text) AS context_page_title
FROM acme.order_completed AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.order_completed AS again
    WHERE again.id = e.id
      AND (
        coalesce(again.timestamp, '-infinity'),
        coalesce(again.uuid_ts, '-infinity'),
        coalesce(again.segment_id, '') COLLATE "C",
        again.tableoid, again.ctid
      ) > (
        coalesce(e.timestamp, '-infinity'),
        coalesce(e.uuid_ts, '-infinity'),
        coalesce(e.segment_id, '') COLLATE "C",
        e.tableoid, e.ctid
      )
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'order_completed_resolved' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.order_completed_resolved')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('acme.order_completed', ARRAY[
            'id', 'segment_id', 'received_at', 'uuid_ts',
            'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

COMMENT ON VIEW acme.order_completed_resolved IS 'One row for every track call of Order Completed, with the profile that it belongs to now. Built by idgraph.';
COMMENT ON COLUMN acme.order_completed_resolved.canonical_segment_id IS 'The profile after all merges; NULL when the event''s identity was never resolved';
COMMENT ON COLUMN acme.order_completed_resolved.id                   IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.order_completed_resolved.segment_id           IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.order_completed_resolved.event_source_id      IS 'The source that sent the event';
COMMENT ON COLUMN acme.order_completed_resolved.event_id             IS 'The event''s id';
COMMENT ON COLUMN acme.order_completed_resolved.anonymous_id         IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.order_completed_resolved.user_id              IS 'The sender''s user id';
COMMENT ON COLUMN acme.order_completed_resolved.sent_at              IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.order_completed_resolved.original_timestamp   IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.order_completed_resolved.received_at          IS 'When Segment received it';
COMMENT ON COLUMN acme.order_completed_resolved.uuid_ts              IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.order_completed_resolved.timestamp            IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.order_completed_resolved.event                IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.order_completed_resolved.event_text           IS 'The event''s name as sent';
COMMENT ON COLUMN acme.order_completed_resolved.context_url          IS 'The event''s context.url';
COMMENT ON COLUMN acme.order_completed_resolved.total                IS 'Property total of the event';
COMMENT ON COLUMN acme.order_completed_resolved.context_page_title   IS 'The event''s context.page_title';
