-- 0002 new event
--
--   new landed table signed_up
--   new model signed_up_resolved
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- signed_up_resolved is new. One row for every track call of Signed Up, with the profile that it belongs to now.
IF OBJECT_ID('acme.signed_up_resolved', 'V') IS NULL
    EXEC ('CREATE VIEW acme.signed_up_resolved AS SELECT 1 AS nothing');
GO

-- idgraph: needs acme.signed_up.context_url varchar
-- idgraph: needs acme.signed_up.plan varchar
ALTER VIEW acme.signed_up_resolved AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id COLLATE Latin1_General_100_BIN2_UTF8) AS canonical_segment_id,
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
    e.[plan]
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY landed.id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                landed.timestamp DESC,
                landed.uuid_ts DESC,
                CAST(landed.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.signed_up AS landed
) AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id COLLATE Latin1_General_100_BIN2_UTF8
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.recency = 1;
GO
