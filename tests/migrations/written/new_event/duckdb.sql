-- 0002 new event
--
--   new landed table signed_up
--   new model signed_up_resolved
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- signed_up_resolved is new. One row for every track call of Signed Up, with the profile that it belongs to now.
-- idgraph: needs acme.signed_up.context_url varchar
-- idgraph: needs acme.signed_up.plan varchar
CREATE OR REPLACE VIEW acme.signed_up_resolved AS
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
FROM acme.signed_up AS e
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

COMMENT ON VIEW acme.signed_up_resolved IS 'One row for every track call of Signed Up, with the profile that it belongs to now. Built by idgraph.';
