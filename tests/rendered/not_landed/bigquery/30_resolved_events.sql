-- Every event with the profile that it belongs to now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: of each event table the columns below, in every partition.
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE OR REPLACE VIEW acme.identifies_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title'),
    email                OPTIONS (description = 'Trait email'),
    plan                 OPTIONS (description = 'Current plan'),
    lifetime_value       OPTIONS (description = 'Computed trait lifetimeValue'),
    is_vip               OPTIONS (description = 'Member of the audience is_vip'),
    `order`              OPTIONS (description = 'Trait order')
)
OPTIONS (description = 'One row for every identify call, with the traits that it carried, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS STRING) AS context_url,
    e.context_page_title,
    e.email,
    CAST(NULL AS STRING) AS plan,
    e.lifetime_value,
    CAST(NULL AS BOOL) AS is_vip,
    e.`order`
FROM acme.identifies AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC,
            e.uuid_ts DESC,
            e.segment_id DESC
    ) = 1;

CREATE OR REPLACE VIEW acme.pages_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    name                 OPTIONS (description = 'The page\'s or screen\'s name'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title')
)
OPTIONS (description = 'One row for every page call, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS STRING) AS canonical_segment_id,
    CAST(NULL AS STRING) AS id,
    CAST(NULL AS STRING) AS segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    CAST(NULL AS STRING) AS event_id,
    CAST(NULL AS STRING) AS anonymous_id,
    CAST(NULL AS STRING) AS user_id,
    CAST(NULL AS TIMESTAMP) AS sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    CAST(NULL AS TIMESTAMP) AS received_at,
    CAST(NULL AS TIMESTAMP) AS uuid_ts,
    CAST(NULL AS TIMESTAMP) AS timestamp,
    CAST(NULL AS STRING) AS name,
    CAST(NULL AS STRING) AS context_url,
    CAST(NULL AS STRING) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

CREATE OR REPLACE VIEW acme.screens_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    name                 OPTIONS (description = 'The page\'s or screen\'s name'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title')
)
OPTIONS (description = 'One row for every screen call, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS STRING) AS canonical_segment_id,
    CAST(NULL AS STRING) AS id,
    CAST(NULL AS STRING) AS segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    CAST(NULL AS STRING) AS event_id,
    CAST(NULL AS STRING) AS anonymous_id,
    CAST(NULL AS STRING) AS user_id,
    CAST(NULL AS TIMESTAMP) AS sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    CAST(NULL AS TIMESTAMP) AS received_at,
    CAST(NULL AS TIMESTAMP) AS uuid_ts,
    CAST(NULL AS TIMESTAMP) AS timestamp,
    CAST(NULL AS STRING) AS name,
    CAST(NULL AS STRING) AS context_url,
    CAST(NULL AS STRING) AS context_page_title
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0;

CREATE OR REPLACE VIEW acme.groups_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    group_id             OPTIONS (description = 'The group that the user belongs to'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title')
)
OPTIONS (description = 'One row for every group call, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS STRING) AS group_id,
    CAST(NULL AS STRING) AS context_url,
    CAST(NULL AS STRING) AS context_page_title
FROM acme.`groups` AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC,
            e.uuid_ts DESC,
            e.segment_id DESC
    ) = 1;

CREATE OR REPLACE VIEW acme.aliases_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    previous_id          OPTIONS (description = 'The id that the user had before'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title')
)
OPTIONS (description = 'One row for every alias call, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    CAST(NULL AS STRING) AS previous_id,
    CAST(NULL AS STRING) AS context_url,
    CAST(NULL AS STRING) AS context_page_title
FROM acme.aliases AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC,
            e.uuid_ts DESC,
            e.segment_id DESC
    ) = 1;

CREATE OR REPLACE VIEW acme.tracks_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    event                OPTIONS (description = 'The event\'s name as a slug'),
    event_text           OPTIONS (description = 'The event\'s name as sent'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title')
)
OPTIONS (description = 'One row for every track call, whatever the event, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    CAST(NULL AS STRING) AS context_url,
    CAST(NULL AS STRING) AS context_page_title
FROM acme.tracks AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC,
            e.uuid_ts DESC,
            e.segment_id DESC
    ) = 1;

CREATE OR REPLACE VIEW acme.order_completed_resolved (
    canonical_segment_id OPTIONS (description = 'The profile after all merges; NULL when the event\'s identity was never resolved'),
    id                   OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id           OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id      OPTIONS (description = 'The source that sent the event'),
    event_id             OPTIONS (description = 'The event\'s id'),
    anonymous_id         OPTIONS (description = 'The sender\'s anonymous id'),
    user_id              OPTIONS (description = 'The sender\'s user id'),
    sent_at              OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp   OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at          OPTIONS (description = 'When Segment received it'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp            OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    event                OPTIONS (description = 'The event\'s name as a slug'),
    event_text           OPTIONS (description = 'The event\'s name as sent'),
    context_url          OPTIONS (description = 'The event\'s context.url'),
    context_page_title   OPTIONS (description = 'The event\'s context.page_title'),
    total                OPTIONS (description = 'Property total of the event'),
    order_id             OPTIONS (description = 'Property orderId of the event')
)
OPTIONS (description = 'One row for every track call of Order Completed, with the profile that it belongs to now. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
SELECT
    coalesce(g.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    e.id,
    e.segment_id,
    CAST(NULL AS STRING) AS event_source_id,
    e.event_id,
    e.anonymous_id,
    e.user_id,
    e.sent_at,
    CAST(NULL AS TIMESTAMP) AS original_timestamp,
    e.received_at,
    e.uuid_ts,
    e.timestamp,
    e.event,
    e.event_text,
    e.context_url,
    CAST(NULL AS STRING) AS context_page_title,
    e.total,
    CAST(NULL AS STRING) AS order_id
FROM acme.order_completed AS e
LEFT JOIN acme.id_graph AS g ON g.segment_id = e.segment_id
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY e.id
        ORDER BY
            e.timestamp DESC,
            e.uuid_ts DESC,
            e.segment_id DESC
    ) = 1;
