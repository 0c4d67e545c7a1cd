-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

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
    context_page_title   COMMENT 'The event\'s context.page_title',
    email                COMMENT 'Trait email',
    plan                 COMMENT 'Current plan',
    lifetime_value       COMMENT 'Computed trait lifetimeValue',
    is_vip               COMMENT 'Member of the audience is_vip',
    `order`              COMMENT 'Trait order'
)
AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS string) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS string) AS context_url,
    e.context_page_title,
    e.email,
    CAST(NULL AS string) AS plan,
    e.lifetime_value,
    CAST(NULL AS boolean) AS is_vip,
    e.`order`
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
    context_url          COMMENT 'The event\'s context.url',
    context_page_title   COMMENT 'The event\'s context.page_title'
)
AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS string) AS canonical_segment_id,
    CAST(NULL AS string) AS id,
    CAST(NULL AS string) AS segment_id,
    CAST(NULL AS string) AS event_source_id,
    CAST(NULL AS string) AS event_id,
    CAST(NULL AS string) AS anonymous_id,
    CAST(NULL AS string) AS user_id,
    CAST(NULL AS timestamp) AS sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    CAST(NULL AS timestamp) AS received_at,
    CAST(NULL AS timestamp) AS uuid_ts,
    CAST(NULL AS timestamp) AS timestamp,
    CAST(NULL AS string) AS name,
    CAST(NULL AS string) AS context_url,
    CAST(NULL AS string) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

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
    context_url          COMMENT 'The event\'s context.url',
    context_page_title   COMMENT 'The event\'s context.page_title'
)
AS
-- Built by idgraph.
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS string) AS canonical_segment_id,
    CAST(NULL AS string) AS id,
    CAST(NULL AS string) AS segment_id,
    CAST(NULL AS string) AS event_source_id,
    CAST(NULL AS string) AS event_id,
    CAST(NULL AS string) AS anonymous_id,
    CAST(NULL AS string) AS user_id,
    CAST(NULL AS timestamp) AS sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    CAST(NULL AS timestamp) AS received_at,
    CAST(NULL AS timestamp) AS uuid_ts,
    CAST(NULL AS timestamp) AS timestamp,
    CAST(NULL AS string) AS name,
    CAST(NULL AS string) AS context_url,
    CAST(NULL AS string) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

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
    context_url          COMMENT 'The event\'s context.url',
    context_page_title   COMMENT 'The event\'s context.page_title'
)
AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS string) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS string) AS group_id,
    CAST(NULL AS string) AS context_url,
    CAST(NULL AS string) AS context_page_title
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
    context_url          COMMENT 'The event\'s context.url',
    context_page_title   COMMENT 'The event\'s context.page_title'
)
AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS string) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS string) AS previous_id,
    CAST(NULL AS string) AS context_url,
    CAST(NULL AS string) AS context_page_title
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
    context_url          COMMENT 'The event\'s context.url',
    context_page_title   COMMENT 'The event\'s context.page_title'
)
AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS string) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    CAST(NULL AS string) AS context_url,
    CAST(NULL AS string) AS context_page_title
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
    context_page_title   COMMENT 'The event\'s context.page_title',
    total                COMMENT 'Property total of the event',
    order_id             COMMENT 'Property orderId of the event'
)
AS
-- Built by idgraph.
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS string) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS timestamp) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    CAST(NULL AS string) AS context_page_title,
    e.total,
    CAST(NULL AS string) AS order_id
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
