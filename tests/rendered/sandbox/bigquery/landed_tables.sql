-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE SCHEMA IF NOT EXISTS acme;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id                   STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    canonical_segment_id         STRING    OPTIONS (description = 'The profile that it was merged into; NULL or itself: none'),
    triggering_event_type        STRING    OPTIONS (description = 'Type of the event that caused this row'),
    triggering_event_id          STRING    OPTIONS (description = 'Id of the event that caused this row'),
    triggering_event_name        STRING    OPTIONS (description = 'Name of the event that caused this row'),
    triggering_event_source_id   STRING    OPTIONS (description = 'Id of the source of that event'),
    triggering_event_source_name STRING    OPTIONS (description = 'Name of the source of that event'),
    triggering_event_source_slug STRING    OPTIONS (description = 'Slug of the source of that event'),
    seq                          STRING    OPTIONS (description = 'Order among rows with the same timestamp, compared by bytes'),
    received_at                  TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts                      TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp                    TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every profile that Segment created or merged.');

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id                   STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    external_id_type             STRING    OPTIONS (description = 'Kind of the external id: user_id, email, anonymous_id, …'),
    external_id_value            STRING    OPTIONS (description = 'The external id'),
    external_id_hash             STRING    OPTIONS (description = 'SHA-1 of type followed by value, in lower-case hex'),
    triggering_event_type        STRING    OPTIONS (description = 'Type of the event that caused this row'),
    triggering_event_id          STRING    OPTIONS (description = 'Id of the event that caused this row'),
    triggering_event_name        STRING    OPTIONS (description = 'Name of the event that caused this row'),
    triggering_event_source_id   STRING    OPTIONS (description = 'Id of the source of that event'),
    triggering_event_source_name STRING    OPTIONS (description = 'Name of the source of that event'),
    triggering_event_source_slug STRING    OPTIONS (description = 'Slug of the source of that event'),
    seq                          STRING    OPTIONS (description = 'Order among rows with the same timestamp, compared by bytes'),
    received_at                  TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts                      TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp                    TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every external id that Segment saw on a profile.');

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title'),
    email              STRING    OPTIONS (description = 'Trait email'),
    plan               STRING    OPTIONS (description = 'Current plan'),
    lifetime_value     FLOAT64   OPTIONS (description = 'Computed trait lifetimeValue'),
    is_vip             BOOL      OPTIONS (description = 'Member of the audience is_vip'),
    `order`            INT64     OPTIONS (description = 'Trait order')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every identify call, with the traits that it carried.');

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    name               STRING    OPTIONS (description = 'The page\'s or screen\'s name'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every page call.');

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    name               STRING    OPTIONS (description = 'The page\'s or screen\'s name'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every screen call.');

CREATE TABLE IF NOT EXISTS acme.`groups` (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    group_id           STRING    OPTIONS (description = 'The group that the user belongs to'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every group call.');

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    previous_id        STRING    OPTIONS (description = 'The id that the user had before'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every alias call.');

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    event              STRING    OPTIONS (description = 'The event\'s name as a slug'),
    event_text         STRING    OPTIONS (description = 'The event\'s name as sent'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every track call, whatever the event.');

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 STRING    OPTIONS (description = 'The row\'s own id; a row that lands twice keeps it'),
    segment_id         STRING    OPTIONS (description = 'The profile at the time, before later merges'),
    event_source_id    STRING    OPTIONS (description = 'The source that sent the event'),
    event_id           STRING    OPTIONS (description = 'The event\'s id'),
    anonymous_id       STRING    OPTIONS (description = 'The sender\'s anonymous id'),
    user_id            STRING    OPTIONS (description = 'The sender\'s user id'),
    sent_at            TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it was sent'),
    original_timestamp TIMESTAMP OPTIONS (description = 'When the sender\'s clock says that it happened'),
    received_at        TIMESTAMP OPTIONS (description = 'When Segment received it'),
    uuid_ts            TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed the row'),
    timestamp          TIMESTAMP OPTIONS (description = 'When it happened; NULL in a row of the historical backfill'),
    event              STRING    OPTIONS (description = 'The event\'s name as a slug'),
    event_text         STRING    OPTIONS (description = 'The event\'s name as sent'),
    context_url        STRING    OPTIONS (description = 'The event\'s context.url'),
    context_page_title STRING    OPTIONS (description = 'The event\'s context.page_title'),
    total              FLOAT64   OPTIONS (description = 'Property total of the event'),
    order_id           STRING    OPTIONS (description = 'Property orderId of the event')
)
PARTITION BY timestamp_trunc(uuid_ts, DAY)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every track call of Order Completed.');
