-- 0002 new event
--
--   new landed table signed_up
--   new model signed_up_resolved
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- signed_up_resolved is new. One row for every track call of Signed Up, with the profile that it belongs to now.
-- idgraph: needs acme.signed_up.context_url varchar
-- idgraph: needs acme.signed_up.plan varchar
CREATE VIEW acme.signed_up_resolved AS
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
    e.plan
FROM signed_up AS e
LEFT JOIN id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM signed_up AS again
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
