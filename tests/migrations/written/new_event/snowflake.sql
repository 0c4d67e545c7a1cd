-- 0002 new event
--
--   new landed table signed_up
--   new model signed_up_resolved
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- signed_up_resolved is new. One row for every track call of Signed Up, with the profile that it belongs to now.
-- idgraph: needs acme.signed_up.context_url varchar
-- idgraph: needs acme.signed_up.plan varchar
CREATE OR REPLACE VIEW acme.signed_up_resolved (
    canonical_segment_id COMMENT 'The profile after all merges; NULL when the event\'s identity was never resolved',
    id                   COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id           COMMENT 'The profile at the time, before later merges',
    event_source_id      COMMENT 'The source that sent the event',
    event_id             COMMENT 'The event\'s id',
    anonymous_id         COMMENT 'The sender\'s anonymous id',
    user_id              COMMENT 'The sender\'s user id',
    sent_at              COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp   COMMENT 'When the sender\'s clock says that it happened',
    received_at          COMMENT 'When Segment received it',
    uuid_ts              COMMENT 'When Segment\'s connector last processed the row',
    timestamp            COMMENT 'When it happened; NULL in a row of the historical backfill',
    event                COMMENT 'The event\'s name as a slug',
    event_text           COMMENT 'The event\'s name as sent',
    context_url          COMMENT 'The event\'s context.url',
    plan                 COMMENT 'Property plan of the event'
)
COPY GRANTS
COMMENT = 'One row for every track call of Signed Up, with the profile that it belongs to now. Built by idgraph.'
AS
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
