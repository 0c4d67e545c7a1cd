-- 0002 new context
--
--   The way back.
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The view identifies_resolved shows something else now.
-- idgraph: needs acme.identifies.context_url varchar
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE OR REPLACE VIEW acme.identifies_resolved (
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
    context_url          COMMENT 'The event\'s context.url',
    email                COMMENT 'Trait email',
    visits               COMMENT 'Trait visits'
)
COPY GRANTS
COMMENT = 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.'
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
    e.context_url,
    e.email,
    e.visits
FROM acme.identifies AS e
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

-- The view pages_resolved shows something else now.
-- idgraph: needs acme.pages.context_url varchar
CREATE OR REPLACE VIEW acme.pages_resolved (
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
    name                 COMMENT 'The page\'s or screen\'s name',
    context_url          COMMENT 'The event\'s context.url'
)
COPY GRANTS
COMMENT = 'One row for every page call, with the profile that it belongs to now. Built by idgraph.'
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
    e.name,
    e.context_url
FROM acme.pages AS e
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

-- The view screens_resolved shows something else now.
-- idgraph: needs acme.screens.context_url varchar
CREATE OR REPLACE VIEW acme.screens_resolved (
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
    name                 COMMENT 'The page\'s or screen\'s name',
    context_url          COMMENT 'The event\'s context.url'
)
COPY GRANTS
COMMENT = 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.'
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
    e.name,
    e.context_url
FROM acme.screens AS e
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

-- The view groups_resolved shows something else now.
-- idgraph: needs acme.groups.context_url varchar
CREATE OR REPLACE VIEW acme.groups_resolved (
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
    group_id             COMMENT 'The group that the user belongs to',
    context_url          COMMENT 'The event\'s context.url'
)
COPY GRANTS
COMMENT = 'One row for every group call, with the profile that it belongs to now. Built by idgraph.'
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
    e.group_id,
    e.context_url
FROM acme.groups AS e
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

-- The view aliases_resolved shows something else now.
-- idgraph: needs acme.aliases.context_url varchar
CREATE OR REPLACE VIEW acme.aliases_resolved (
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
    previous_id          COMMENT 'The id that the user had before',
    context_url          COMMENT 'The event\'s context.url'
)
COPY GRANTS
COMMENT = 'One row for every alias call, with the profile that it belongs to now. Built by idgraph.'
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
    e.previous_id,
    e.context_url
FROM acme.aliases AS e
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

-- The view tracks_resolved shows something else now.
-- idgraph: needs acme.tracks.context_url varchar
CREATE OR REPLACE VIEW acme.tracks_resolved (
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
    context_url          COMMENT 'The event\'s context.url'
)
COPY GRANTS
COMMENT = 'One row for every track call, whatever the event, with the profile that it belongs to now. Built by idgraph.'
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
    e.context_url
FROM acme.tracks AS e
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

-- The view order_completed_resolved shows something else now.
-- idgraph: needs acme.order_completed.context_url varchar
-- idgraph: needs acme.order_completed.total float
CREATE OR REPLACE VIEW acme.order_completed_resolved (
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
    total                COMMENT 'Property total of the event'
)
COPY GRANTS
COMMENT = 'One row for every track call of Order Completed, with the profile that it belongs to now. Built by idgraph.'
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
    e.total
FROM acme.order_completed AS e
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
