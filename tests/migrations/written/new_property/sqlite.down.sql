-- 0002 new property
--
--   The way back.
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The view order_completed_resolved is made anew below: it stands in the way of what happens to its columns.
DROP VIEW acme.order_completed_resolved;

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added coupon to order_completed.
-- idgraph: destructive acme.order_completed.coupon
-- idgraph: only-if-made-here acme.order_completed
ALTER TABLE acme.order_completed DROP COLUMN coupon;

-- Changes

-- order_completed_resolved, made anew.
-- idgraph: needs acme.order_completed.context_url
-- idgraph: needs acme.order_completed.total
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
