-- The tables that Segment lands, for a warehouse that does not have them yet.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS profiles.id_graph_updates (
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
    ON profiles.id_graph_updates USING hash (segment_id);
CREATE INDEX IF NOT EXISTS id_graph_updates_canonical_segment_id_idx
    ON profiles.id_graph_updates USING hash (canonical_segment_id);

COMMENT ON TABLE profiles.id_graph_updates IS 'One row for every profile that Segment created or merged. Built by idgraph.';
COMMENT ON COLUMN profiles.id_graph_updates.id                           IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN profiles.id_graph_updates.segment_id                   IS 'The profile at the time, before later merges';
COMMENT ON COLUMN profiles.id_graph_updates.canonical_segment_id         IS 'The profile that it was merged into; NULL or itself: none';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_type        IS 'Type of the event that caused this row';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_id          IS 'Id of the event that caused this row';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_name        IS 'Name of the event that caused this row';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_source_id   IS 'Id of the source of that event';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_source_name IS 'Name of the source of that event';
COMMENT ON COLUMN profiles.id_graph_updates.triggering_event_source_slug IS 'Slug of the source of that event';
COMMENT ON COLUMN profiles.id_graph_updates.seq                          IS 'Order among rows with the same timestamp, compared by bytes';
COMMENT ON COLUMN profiles.id_graph_updates.received_at                  IS 'When Segment received it';
COMMENT ON COLUMN profiles.id_graph_updates.uuid_ts                      IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN profiles.id_graph_updates.timestamp                    IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS profiles.external_id_mapping_updates (
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
    ON profiles.external_id_mapping_updates USING hash (segment_id);
CREATE INDEX IF NOT EXISTS external_id_mapping_updates_external_id_value_idx
    ON profiles.external_id_mapping_updates USING hash (external_id_value);

COMMENT ON TABLE profiles.external_id_mapping_updates IS 'One row for every external id that Segment saw on a profile. Built by idgraph.';
COMMENT ON COLUMN profiles.external_id_mapping_updates.id                           IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN profiles.external_id_mapping_updates.segment_id                   IS 'The profile at the time, before later merges';
COMMENT ON COLUMN profiles.external_id_mapping_updates.external_id_type             IS 'Kind of the external id: user_id, email, anonymous_id, …';
COMMENT ON COLUMN profiles.external_id_mapping_updates.external_id_value            IS 'The external id';
COMMENT ON COLUMN profiles.external_id_mapping_updates.external_id_hash             IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_type        IS 'Type of the event that caused this row';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_id          IS 'Id of the event that caused this row';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_name        IS 'Name of the event that caused this row';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_source_id   IS 'Id of the source of that event';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_source_name IS 'Name of the source of that event';
COMMENT ON COLUMN profiles.external_id_mapping_updates.triggering_event_source_slug IS 'Slug of the source of that event';
COMMENT ON COLUMN profiles.external_id_mapping_updates.seq                          IS 'Order among rows with the same timestamp, compared by bytes';
COMMENT ON COLUMN profiles.external_id_mapping_updates.received_at                  IS 'When Segment received it';
COMMENT ON COLUMN profiles.external_id_mapping_updates.uuid_ts                      IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN profiles.external_id_mapping_updates.timestamp                    IS 'When it happened; NULL in a row of the historical backfill';

CREATE TABLE IF NOT EXISTS profiles.identifies (
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
    email              text,
    plan               text
);

CREATE INDEX IF NOT EXISTS identifies_segment_id_idx
    ON profiles.identifies USING hash (segment_id);
CREATE INDEX IF NOT EXISTS identifies_id_idx
    ON profiles.identifies USING hash (id);

COMMENT ON TABLE profiles.identifies IS 'One row for every identify call, with the traits that it carried. Built by idgraph.';
COMMENT ON COLUMN profiles.identifies.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN profiles.identifies.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN profiles.identifies.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN profiles.identifies.event_id           IS 'The event''s id';
COMMENT ON COLUMN profiles.identifies.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN profiles.identifies.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN profiles.identifies.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN profiles.identifies.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN profiles.identifies.received_at        IS 'When Segment received it';
COMMENT ON COLUMN profiles.identifies.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN profiles.identifies.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN profiles.identifies.email              IS 'Where receipts go';
COMMENT ON COLUMN profiles.identifies.plan               IS 'free or pro';

CREATE TABLE IF NOT EXISTS profiles.order_completed (
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
    order_id           text,
    total_cents        bigint
);

CREATE INDEX IF NOT EXISTS order_completed_segment_id_idx
    ON profiles.order_completed USING hash (segment_id);
CREATE INDEX IF NOT EXISTS order_completed_id_idx
    ON profiles.order_completed USING hash (id);

COMMENT ON TABLE profiles.order_completed IS 'One row for every track call of Order Completed. Built by idgraph.';
COMMENT ON COLUMN profiles.order_completed.id                 IS 'The row''s own id; a row that lands twice keeps it';
COMMENT ON COLUMN profiles.order_completed.segment_id         IS 'The profile at the time, before later merges';
COMMENT ON COLUMN profiles.order_completed.event_source_id    IS 'The source that sent the event';
COMMENT ON COLUMN profiles.order_completed.event_id           IS 'The event''s id';
COMMENT ON COLUMN profiles.order_completed.anonymous_id       IS 'The sender''s anonymous id';
COMMENT ON COLUMN profiles.order_completed.user_id            IS 'The sender''s user id';
COMMENT ON COLUMN profiles.order_completed.sent_at            IS 'When the sender''s clock says that it was sent';
COMMENT ON COLUMN profiles.order_completed.original_timestamp IS 'When the sender''s clock says that it happened';
COMMENT ON COLUMN profiles.order_completed.received_at        IS 'When Segment received it';
COMMENT ON COLUMN profiles.order_completed.uuid_ts            IS 'When Segment''s connector last processed the row';
COMMENT ON COLUMN profiles.order_completed.timestamp          IS 'When it happened; NULL in a row of the historical backfill';
COMMENT ON COLUMN profiles.order_completed.event              IS 'The event''s name as a slug';
COMMENT ON COLUMN profiles.order_completed.event_text         IS 'The event''s name as sent';
COMMENT ON COLUMN profiles.order_completed.order_id           IS 'Property order_id of the event';
COMMENT ON COLUMN profiles.order_completed.total_cents        IS 'Property total_cents of the event';
