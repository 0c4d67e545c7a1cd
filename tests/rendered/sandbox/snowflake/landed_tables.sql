-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE SCHEMA IF NOT EXISTS acme;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id                   varchar      COMMENT 'The profile at the time, before later merges',
    canonical_segment_id         varchar      COMMENT 'The profile that it was merged into; NULL or itself: none',
    triggering_event_type        varchar      COMMENT 'Type of the event that caused this row',
    triggering_event_id          varchar      COMMENT 'Id of the event that caused this row',
    triggering_event_name        varchar      COMMENT 'Name of the event that caused this row',
    triggering_event_source_id   varchar      COMMENT 'Id of the source of that event',
    triggering_event_source_name varchar      COMMENT 'Name of the source of that event',
    triggering_event_source_slug varchar      COMMENT 'Slug of the source of that event',
    seq                          varchar      COMMENT 'Order among rows with the same timestamp, compared by bytes',
    received_at                  timestamp_tz COMMENT 'When Segment received it',
    uuid_ts                      timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp                    timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every profile that Segment created or merged.';

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id                   varchar      COMMENT 'The profile at the time, before later merges',
    external_id_type             varchar      COMMENT 'Kind of the external id: user_id, email, anonymous_id, …',
    external_id_value            varchar      COMMENT 'The external id',
    external_id_hash             varchar      COMMENT 'SHA-1 of type followed by value, in lower-case hex',
    triggering_event_type        varchar      COMMENT 'Type of the event that caused this row',
    triggering_event_id          varchar      COMMENT 'Id of the event that caused this row',
    triggering_event_name        varchar      COMMENT 'Name of the event that caused this row',
    triggering_event_source_id   varchar      COMMENT 'Id of the source of that event',
    triggering_event_source_name varchar      COMMENT 'Name of the source of that event',
    triggering_event_source_slug varchar      COMMENT 'Slug of the source of that event',
    seq                          varchar      COMMENT 'Order among rows with the same timestamp, compared by bytes',
    received_at                  timestamp_tz COMMENT 'When Segment received it',
    uuid_ts                      timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp                    timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every external id that Segment saw on a profile.';

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 varchar       COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar       COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar       COMMENT 'The source that sent the event',
    event_id           varchar       COMMENT 'The event\'s id',
    anonymous_id       varchar       COMMENT 'The sender\'s anonymous id',
    user_id            varchar       COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz  COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz  COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz  COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz  COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz  COMMENT 'When it happened; NULL in a row of the historical backfill',
    context_url        varchar       COMMENT 'The event\'s context.url',
    context_page_title varchar       COMMENT 'The event\'s context.page_title',
    email              varchar       COMMENT 'Trait email',
    plan               varchar       COMMENT 'Current plan',
    lifetime_value     float         COMMENT 'Computed trait lifetimeValue',
    is_vip             boolean       COMMENT 'Member of the audience is_vip',
    "ORDER"            number(38, 0) COMMENT 'Trait order'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every identify call, with the traits that it carried.';

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    name               varchar      COMMENT 'The page\'s or screen\'s name',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every page call.';

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    name               varchar      COMMENT 'The page\'s or screen\'s name',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every screen call.';

CREATE TABLE IF NOT EXISTS acme.groups (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    group_id           varchar      COMMENT 'The group that the user belongs to',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every group call.';

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    previous_id        varchar      COMMENT 'The id that the user had before',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every alias call.';

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    event              varchar      COMMENT 'The event\'s name as a slug',
    event_text         varchar      COMMENT 'The event\'s name as sent',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every track call, whatever the event.';

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 varchar      COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         varchar      COMMENT 'The profile at the time, before later merges',
    event_source_id    varchar      COMMENT 'The source that sent the event',
    event_id           varchar      COMMENT 'The event\'s id',
    anonymous_id       varchar      COMMENT 'The sender\'s anonymous id',
    user_id            varchar      COMMENT 'The sender\'s user id',
    sent_at            timestamp_tz COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp_tz COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp_tz COMMENT 'When Segment received it',
    uuid_ts            timestamp_tz COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp_tz COMMENT 'When it happened; NULL in a row of the historical backfill',
    event              varchar      COMMENT 'The event\'s name as a slug',
    event_text         varchar      COMMENT 'The event\'s name as sent',
    context_url        varchar      COMMENT 'The event\'s context.url',
    context_page_title varchar      COMMENT 'The event\'s context.page_title',
    total              float        COMMENT 'Property total of the event',
    order_id           varchar      COMMENT 'Property orderId of the event'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every track call of Order Completed.';
