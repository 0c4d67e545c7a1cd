-- 0002 new event
--
--   new landed table signed_up
--   new model signed_up_resolved
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- signed_up_resolved is new. One row for every track call of Signed Up, with the profile that it belongs to now.
-- idgraph: needs acme.signed_up.context_url varchar
-- idgraph: needs acme.signed_up.plan varchar
CREATE VIEW acme.signed_up_resolved AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CAST(e.id AS varchar(65535)) AS id,
    CAST(e.segment_id AS varchar(65535)) AS segment_id,
    CAST(e.event_source_id AS varchar(65535)) AS event_source_id,
    CAST(e.event_id AS varchar(65535)) AS event_id,
    CAST(e.anonymous_id AS varchar(65535)) AS anonymous_id,
    CAST(e.user_id AS varchar(65535)) AS user_id,
    e.sent_at,
    e.original_timestamp,
    e.received_at,
    e.uuid_ts,
    e."timestamp",
    CAST(e.event AS varchar(65535)) AS event,
    CAST(e.event_text AS varchar(65535)) AS event_text,
    CAST(e.context_url AS varchar(65535)) AS context_url,
    CAST(e.plan AS varchar(65535)) AS plan
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
    FROM acme.signed_up AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.signed_up_resolved IS 'One row for every track call of Signed Up, with the profile that it belongs to now. Built by idgraph.';
