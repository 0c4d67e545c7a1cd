-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

-- In the session's catalog: name another one as `catalog` in the project.
CREATE SCHEMA IF NOT EXISTS acme;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id                   string    COMMENT 'The profile at the time, before later merges',
    canonical_segment_id         string    COMMENT 'The profile that it was merged into; NULL or itself: none',
    triggering_event_type        string    COMMENT 'Type of the event that caused this row',
    triggering_event_id          string    COMMENT 'Id of the event that caused this row',
    triggering_event_name        string    COMMENT 'Name of the event that caused this row',
    triggering_event_source_id   string    COMMENT 'Id of the source of that event',
    triggering_event_source_name string    COMMENT 'Name of the source of that event',
    triggering_event_source_slug string    COMMENT 'Slug of the source of that event',
    seq                          string    COMMENT 'Order among rows with the same timestamp, compared by bytes',
    received_at                  timestamp COMMENT 'When Segment received it',
    uuid_ts                      timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp                    timestamp COMMENT 'When it happened; NULL in a row of the historical backfill'
)
CLUSTER BY (segment_id, canonical_segment_id)
COMMENT 'One row for every profile that Segment created or merged.';

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id                   string    COMMENT 'The profile at the time, before later merges',
    external_id_type             string    COMMENT 'Kind of the external id: user_id, email, anonymous_id, …',
    external_id_value            string    COMMENT 'The external id',
    external_id_hash             string    COMMENT 'SHA-1 of type followed by value, in lower-case hex',
    triggering_event_type        string    COMMENT 'Type of the event that caused this row',
    triggering_event_id          string    COMMENT 'Id of the event that caused this row',
    triggering_event_name        string    COMMENT 'Name of the event that caused this row',
    triggering_event_source_id   string    COMMENT 'Id of the source of that event',
    triggering_event_source_name string    COMMENT 'Name of the source of that event',
    triggering_event_source_slug string    COMMENT 'Slug of the source of that event',
    seq                          string    COMMENT 'Order among rows with the same timestamp, compared by bytes',
    received_at                  timestamp COMMENT 'When Segment received it',
    uuid_ts                      timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp                    timestamp COMMENT 'When it happened; NULL in a row of the historical backfill'
)
CLUSTER BY (segment_id, external_id_value)
COMMENT 'One row for every external id that Segment saw on a profile.';

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title',
    email              string    COMMENT 'Trait email',
    plan               string    COMMENT 'Current plan',
    lifetime_value     double    COMMENT 'Computed trait lifetimeValue',
    is_vip             boolean   COMMENT 'Member of the audience is_vip',
    `order`            bigint    COMMENT 'Trait order'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every identify call, with the traits that it carried.';

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    name               string    COMMENT 'The page\'s or screen\'s name',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every page call.';

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    name               string    COMMENT 'The page\'s or screen\'s name',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every screen call.';

CREATE TABLE IF NOT EXISTS acme.groups (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    group_id           string    COMMENT 'The group that the user belongs to',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every group call.';

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    previous_id        string    COMMENT 'The id that the user had before',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every alias call.';

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    event              string    COMMENT 'The event\'s name as a slug',
    event_text         string    COMMENT 'The event\'s name as sent',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every track call, whatever the event.';

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 string    COMMENT 'The row\'s own id; a row that lands twice keeps it',
    segment_id         string    COMMENT 'The profile at the time, before later merges',
    event_source_id    string    COMMENT 'The source that sent the event',
    event_id           string    COMMENT 'The event\'s id',
    anonymous_id       string    COMMENT 'The sender\'s anonymous id',
    user_id            string    COMMENT 'The sender\'s user id',
    sent_at            timestamp COMMENT 'When the sender\'s clock says that it was sent',
    original_timestamp timestamp COMMENT 'When the sender\'s clock says that it happened',
    received_at        timestamp COMMENT 'When Segment received it',
    uuid_ts            timestamp COMMENT 'When Segment\'s connector last processed the row',
    timestamp          timestamp COMMENT 'When it happened; NULL in a row of the historical backfill',
    event              string    COMMENT 'The event\'s name as a slug',
    event_text         string    COMMENT 'The event\'s name as sent',
    context_url        string    COMMENT 'The event\'s context.url',
    context_page_title string    COMMENT 'The event\'s context.page_title',
    total              double    COMMENT 'Property total of the event',
    order_id           string    COMMENT 'Property orderId of the event'
)
CLUSTER BY (segment_id, id)
COMMENT 'One row for every track call of Order Completed.';
