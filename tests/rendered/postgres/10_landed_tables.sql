-- The tables that Segment lands, for a warehouse that does not have them yet.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ;

-- For this transaction only: names and values mean the same whatever the server, the role or a connection pool has set.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL jit = off;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           text,
    segment_id                   text,
    canonical_segment_id         text,
    triggering_event_type        text,
    triggering_event_id          text,
    triggering_event_name        text,
    triggering_event_source_id   text,
    triggering_event_source_name text,
    triggering_event_source_slug text,
    seq                          text,
    received_at                  timestamp with time zone,
    uuid_ts                      timestamp with time zone,
    timestamp                    timestamp with time zone
);

-- Hash indexes, since a B-tree refuses values of more than 2,704 bytes and with them the row that Segment lands.
CREATE INDEX IF NOT EXISTS id_graph_updates_segment_id_idx
    ON acme.id_graph_updates USING hash (segment_id);
CREATE INDEX IF NOT EXISTS id_graph_updates_canonical_segment_id_idx
    ON acme.id_graph_updates USING hash (canonical_segment_id);

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
COMMENT ON COLUMN acme.id_graph_updates.timestamp                    IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           text,
    segment_id                   text,
    external_id_type             text,
    external_id_value            text,
    external_id_hash             text,
    triggering_event_type        text,
    triggering_event_id          text,
    triggering_event_name        text,
    triggering_event_source_id   text,
    triggering_event_source_name text,
    triggering_event_source_slug text,
    seq                          text,
    received_at                  timestamp with time zone,
    uuid_ts                      timestamp with time zone,
    timestamp                    timestamp with time zone
);

CREATE INDEX IF NOT EXISTS external_id_mapping_updates_segment_id_idx
    ON acme.external_id_mapping_updates USING hash (segment_id);
CREATE INDEX IF NOT EXISTS external_id_mapping_updates_external_id_value_idx
    ON acme.external_id_mapping_updates USING hash (external_id_value);

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
COMMENT ON COLUMN acme.external_id_mapping_updates.timestamp                    IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    context_url        text,
    context_page_title text,
    email              text,
    plan               text,
    lifetime_value     double precision,
    is_vip             boolean,
    "order"            bigint
);

CREATE INDEX IF NOT EXISTS identifies_segment_id_idx
    ON acme.identifies USING hash (segment_id);
CREATE INDEX IF NOT EXISTS identifies_id_idx
    ON acme.identifies USING hash (id);

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
COMMENT ON COLUMN acme.identifies.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.identifies.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.identifies.context_page_title IS 'The event''s context.page_title';
COMMENT ON COLUMN acme.identifies.email              IS 'Trait email';
COMMENT ON COLUMN acme.identifies.plan               IS 'Current plan';
COMMENT ON COLUMN acme.identifies.lifetime_value     IS 'Computed trait lifetimeValue';
COMMENT ON COLUMN acme.identifies.is_vip             IS 'Member of the audience is_vip';
COMMENT ON COLUMN acme.identifies."order"            IS 'Trait order';

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    name               text,
    context_url        text,
    context_page_title text
);

CREATE INDEX IF NOT EXISTS pages_segment_id_idx
    ON acme.pages USING hash (segment_id);
CREATE INDEX IF NOT EXISTS pages_id_idx
    ON acme.pages USING hash (id);

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
COMMENT ON COLUMN acme.pages.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.pages.name               IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.pages.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.pages.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    name               text,
    context_url        text,
    context_page_title text
);

CREATE INDEX IF NOT EXISTS screens_segment_id_idx
    ON acme.screens USING hash (segment_id);
CREATE INDEX IF NOT EXISTS screens_id_idx
    ON acme.screens USING hash (id);

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
COMMENT ON COLUMN acme.screens.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.screens.name               IS 'The page''s or screen''s name';
COMMENT ON COLUMN acme.screens.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.screens.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.groups (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    group_id           text,
    context_url        text,
    context_page_title text
);

CREATE INDEX IF NOT EXISTS groups_segment_id_idx
    ON acme.groups USING hash (segment_id);
CREATE INDEX IF NOT EXISTS groups_id_idx
    ON acme.groups USING hash (id);

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
COMMENT ON COLUMN acme.groups.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.groups.group_id           IS 'The group that the user belongs to';
COMMENT ON COLUMN acme.groups.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.groups.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    previous_id        text,
    context_url        text,
    context_page_title text
);

CREATE INDEX IF NOT EXISTS aliases_segment_id_idx
    ON acme.aliases USING hash (segment_id);
CREATE INDEX IF NOT EXISTS aliases_id_idx
    ON acme.aliases USING hash (id);

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
COMMENT ON COLUMN acme.aliases.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.aliases.previous_id        IS 'The id that the user had before';
COMMENT ON COLUMN acme.aliases.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.aliases.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    event              text,
    event_text         text,
    context_url        text,
    context_page_title text
);

CREATE INDEX IF NOT EXISTS tracks_segment_id_idx
    ON acme.tracks USING hash (segment_id);
CREATE INDEX IF NOT EXISTS tracks_id_idx
    ON acme.tracks USING hash (id);

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
COMMENT ON COLUMN acme.tracks.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.tracks.event              IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.tracks.event_text         IS 'The event''s name as sent';
COMMENT ON COLUMN acme.tracks.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.tracks.context_page_title IS 'The event''s context.page_title';

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    event              text,
    event_text         text,
    context_url        text,
    context_page_title text,
    total              double precision,
    order_id           text
);

CREATE INDEX IF NOT EXISTS order_completed_segment_id_idx
    ON acme.order_completed USING hash (segment_id);
CREATE INDEX IF NOT EXISTS order_completed_id_idx
    ON acme.order_completed USING hash (id);

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
COMMENT ON COLUMN acme.order_completed.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN acme.order_completed.event              IS 'The event''s name as a slug';
COMMENT ON COLUMN acme.order_completed.event_text         IS 'The event''s name as sent';
COMMENT ON COLUMN acme.order_completed.context_url        IS 'The event''s context.url';
COMMENT ON COLUMN acme.order_completed.context_page_title IS 'The event''s context.page_title';
COMMENT ON COLUMN acme.order_completed.total              IS 'Property total of the event';
COMMENT ON COLUMN acme.order_completed.order_id           IS 'Property orderId of the event';

COMMIT;
