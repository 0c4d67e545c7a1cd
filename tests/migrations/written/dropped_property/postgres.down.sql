-- 0002 dropped property
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

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
    e.total
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
