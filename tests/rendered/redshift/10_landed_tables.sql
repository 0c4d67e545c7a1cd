-- The tables that Segment lands, for a warehouse that does not have them yet.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           varchar(65535),
    segment_id                   varchar(65535),
    canonical_segment_id         varchar(65535),
    triggering_event_type        varchar(65535),
    triggering_event_id          varchar(65535),
    triggering_event_name        varchar(65535),
    triggering_event_source_id   varchar(65535),
    triggering_event_source_name varchar(65535),
    triggering_event_source_slug varchar(65535),
    seq                          varchar(65535),
    received_at                  timestamptz,
    uuid_ts                      timestamptz,
    "timestamp"                  timestamptz
)
DISTKEY (segment_id)
SORTKEY (segment_id, canonical_segment_id)
;

COMMENT ON TABLE acme.id_graph_updates IS 'One row for every profile that Segment created or merged. Built by idgraph.';
COMMENT ON COLUMN acme.id_graph_updates.id                           IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.id_graph_updates.segment_id                   IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.id_graph_updates.canonical_segment_id         IS 'The profile that it was merged into; NULL or itself: none';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_type        IS 'Type of the event that caused this row';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_id          IS 'Id of the event that caused this row';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_name        IS 'Name of the event that caused this row';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_source_id   IS 'Id of the source of that event';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_source_name IS 'Name of the source of that event';
COMMENT ON COLUMN acme.id_graph_updates.triggering_event_source_slug IS 'Slug of the source of that event';
COMMENT ON COLUMN acme.id_graph_updates.seq                          IS 'Order among rows with the same timestamp, compared by bytes';
COMMENT ON COLUMN acme.id_graph_updates.received_at                  IS 'When Segment received it';
COMMENT ON COLUMN acme.id_graph_updates.uuid_ts                      IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.id_graph_updates."timestamp"                  IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           varchar(65535),
    segment_id                   varchar(65535),
    external_id_type             varchar(65535),
    external_id_value            varchar(65535),
    external_id_hash             varchar(65535),
    triggering_event_type        varchar(65535),
    triggering_event_id          varchar(65535),
    triggering_event_name        varchar(65535),
    triggering_event_source_id   varchar(65535),
    triggering_event_source_name varchar(65535),
    triggering_event_source_slug varchar(65535),
    seq                          varchar(65535),
    received_at                  timestamptz,
    uuid_ts                      timestamptz,
    "timestamp"                  timestamptz
)
DISTKEY (segment_id)
SORTKEY (segment_id, external_id_value)
;

COMMENT ON TABLE acme.external_id_mapping_updates IS 'One row for every external id that Segment saw on a profile. Built by idgraph.';
COMMENT ON COLUMN acme.external_id_mapping_updates.id                           IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.external_id_mapping_updates.segment_id                   IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.external_id_mapping_updates.external_id_type             IS 'Kind of the external id: user_id, email, anonymous_id, …';
COMMENT ON COLUMN acme.external_id_mapping_updates.external_id_value            IS 'The external id';
COMMENT ON COLUMN acme.external_id_mapping_updates.external_id_hash             IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_type        IS 'Type of the event that caused this row';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_id          IS 'Id of the event that caused this row';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_name        IS 'Name of the event that caused this row';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_source_id   IS 'Id of the source of that event';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_source_name IS 'Name of the source of that event';
COMMENT ON COLUMN acme.external_id_mapping_updates.triggering_event_source_slug IS 'Slug of the source of that event';
COMMENT ON COLUMN acme.external_id_mapping_updates.seq                          IS 'Order among rows with the same timestamp, compared by bytes';
COMMENT ON COLUMN acme.external_id_mapping_updates.received_at                  IS 'When Segment received it';
COMMENT ON COLUMN acme.external_id_mapping_updates.uuid_ts                      IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.external_id_mapping_updates."timestamp"                  IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    context_url        varchar(65535),
    context_page_title varchar(65535),
    email              varchar(65535),
    plan               varchar(65535),
    lifetime_value     double precision,
    is_vip             boolean,
    "order"            bigint
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.identifies IS 'One row for every identify call, with the traits that it carried. Built by idgraph.';
COMMENT ON COLUMN acme.identifies.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.identifies.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.identifies.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.identifies.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.identifies.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.identifies.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.identifies.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.identifies.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.identifies.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.identifies.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.identifies."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.identifies.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.identifies.context_page_title IS 'The event''s context.page_title';
COMMENT ON COLUMN acme.identifies.email              IS 'Trait email';
COMMENT ON COLUMN acme.identifies.plan               IS 'Current plan';
COMMENT ON COLUMN acme.identifies.lifetime_value     IS 'Computed trait lifetimeValue';
COMMENT ON COLUMN acme.identifies.is_vip             IS 'Member of the audience is_vip';
COMMENT ON COLUMN acme.identifies."order"            IS 'Trait order';

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    name               varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.pages IS 'One row for every page call. Built by idgraph.';
COMMENT ON COLUMN acme.pages.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.pages.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.pages.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.pages.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.pages.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.pages.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.pages.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.pages.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.pages.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.pages.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.pages."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.pages.name               IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.pages.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.pages.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    name               varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.screens IS 'One row for every screen call. Built by idgraph.';
COMMENT ON COLUMN acme.screens.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.screens.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.screens.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.screens.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.screens.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.screens.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.screens.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.screens.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.screens.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.screens.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.screens."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.screens.name               IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.screens.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.screens.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.groups (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    group_id           varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.groups IS 'One row for every group call. Built by idgraph.';
COMMENT ON COLUMN acme.groups.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.groups.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.groups.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.groups.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.groups.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.groups.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.groups.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.groups.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.groups.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.groups.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.groups."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.groups.group_id           IS 'The group that the user belongs to';
COMMENT ON COLUMN acme.groups.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.groups.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    previous_id        varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.aliases IS 'One row for every alias call. Built by idgraph.';
COMMENT ON COLUMN acme.aliases.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.aliases.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.aliases.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.aliases.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.aliases.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.aliases.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.aliases.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.aliases.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.aliases.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.aliases.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.aliases."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.aliases.previous_id        IS 'The id that the user had before';
COMMENT ON COLUMN acme.aliases.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.aliases.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    event              varchar(65535),
    event_text         varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.tracks IS 'One row for every track call, whatever the event. Built by idgraph.';
COMMENT ON COLUMN acme.tracks.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.tracks.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.tracks.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.tracks.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.tracks.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.tracks.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.tracks.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.tracks.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.tracks.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.tracks.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.tracks."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.tracks.event              IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.tracks.event_text         IS 'The event''s name as sent';
COMMENT ON COLUMN acme.tracks.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.tracks.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 varchar(65535),
    segment_id         varchar(65535),
    event_source_id    varchar(65535),
    event_id           varchar(65535),
    anonymous_id       varchar(65535),
    user_id            varchar(65535),
    sent_at            timestamptz,
    original_timestamp timestamptz,
    received_at        timestamptz,
    uuid_ts            timestamptz,
    "timestamp"        timestamptz,
    event              varchar(65535),
    event_text         varchar(65535),
    context_url        varchar(65535),
    context_page_title varchar(65535),
    total              double precision,
    order_id           varchar(65535)
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

COMMENT ON TABLE acme.order_completed IS 'One row for every track call of Order Completed. Built by idgraph.';
COMMENT ON COLUMN acme.order_completed.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN acme.order_completed.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN acme.order_completed.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN acme.order_completed.event_id           IS 'The event''s id';
COMMENT ON COLUMN acme.order_completed.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN acme.order_completed.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN acme.order_completed.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN acme.order_completed.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN acme.order_completed.received_at        IS 'When Segment received it';
COMMENT ON COLUMN acme.order_completed.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN acme.order_completed."timestamp"        IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.order_completed.event              IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.order_completed.event_text         IS 'The event''s name as sent';
COMMENT ON COLUMN acme.order_completed.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.order_completed.context_page_title IS 'The event''s context.page_title';
COMMENT ON COLUMN acme.order_completed.total              IS 'Property total of the event';
COMMENT ON COLUMN acme.order_completed.order_id           IS 'Property orderId of the event';
