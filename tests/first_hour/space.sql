-- What Segment has made so far, in the shapes of its warehouses: no screens, groups or aliases, columns of its own (uuid, uuid_ts,
-- loaded_at), its own user_traits, and of each table only the columns that have had a value.
CREATE SCHEMA acme;
CREATE TABLE acme.id_graph_updates (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, seq varchar,
    segment_id varchar, canonical_segment_id varchar, triggering_event_type varchar, triggering_event_id varchar
);
CREATE TABLE acme.external_id_mapping_updates (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, seq varchar,
    segment_id varchar, external_id_type varchar, external_id_value varchar, external_id_hash varchar
);
CREATE TABLE acme.profile_traits_updates (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, seq varchar,
    segment_id varchar, user_id varchar, email varchar, plan varchar
);
CREATE TABLE acme.identifies (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, loaded_at timestamptz, "timestamp" timestamptz,
    sent_at timestamptz, original_timestamp timestamptz, segment_id varchar, event_id varchar, anonymous_id varchar, user_id varchar,
    context_ip varchar, context_library_name varchar, email varchar, plan varchar, zip bigint
);
CREATE TABLE acme.pages (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, sent_at timestamptz,
    segment_id varchar, event_id varchar, anonymous_id varchar, context_ip varchar, context_library_name varchar, name varchar, url varchar
);
CREATE TABLE acme.tracks (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, segment_id varchar,
    event_id varchar, anonymous_id varchar, user_id varchar, context_ip varchar, event varchar, event_text varchar
);
CREATE TABLE acme.order_completed (
    id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz, segment_id varchar,
    event_id varchar, anonymous_id varchar, user_id varchar, context_ip varchar, event varchar, event_text varchar,
    order_id varchar, total numeric(38,6), coupons jsonb
);

CREATE TABLE acme.user_traits (canonical_segment_id varchar, name varchar, value varchar, seq varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, "timestamp" timestamptz);

INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, triggering_event_type, triggering_event_id, seq, uuid, uuid_ts, received_at, "timestamp") VALUES
    ('g1', 'profile_1', 'profile_1', 'page',     'e1', '1', 1, '2026-05-02 15:00', '2026-05-02 14:01', '2026-05-02 14:01'),
    ('g2', 'profile_2', 'profile_2', 'page',     'e3', '2', 2, '2026-06-22 11:00', '2026-06-22 10:47', '2026-06-22 10:47'),
    ('g3', 'profile_2', 'profile_1', 'identify', 'e4', '3', 3, '2026-06-22 11:00', '2026-06-22 10:48', '2026-06-22 10:48');
INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, seq, uuid, uuid_ts, received_at, "timestamp") VALUES
    ('x1', 'profile_1', 'anonymous_id', 'a-1', '1', 1, '2026-05-02 15:00', '2026-05-02 14:01', '2026-05-02 14:01'),
    ('x2', 'profile_1', 'email', 'jane@example.com', '2', 2, '2026-05-02 15:00', '2026-05-02 14:01', '2026-05-02 14:01'),
    ('x3', 'profile_2', 'anonymous_id', 'a-2', '3', 3, '2026-06-22 11:00', '2026-06-22 10:47', '2026-06-22 10:47'),
    ('x4', 'profile_1', 'user_id', 'u-7', '4', 4, '2026-06-22 11:00', '2026-06-22 10:48', '2026-06-22 10:48');
INSERT INTO acme.identifies (id, segment_id, event_id, email, plan, zip, uuid, uuid_ts, received_at, "timestamp") VALUES
    ('e2', 'profile_1', 'e2', 'jane@example.com', 'free', 10115, 1, '2026-05-02 15:00', '2026-05-02 14:01', '2026-05-02 14:01:30'),
    ('e4', 'profile_1', 'e4', NULL, 'pro', NULL, 2, '2026-06-22 11:00', '2026-06-22 10:48', '2026-06-22 10:48');
INSERT INTO acme.pages (id, segment_id, event_id, anonymous_id, name, url, uuid, uuid_ts, received_at, "timestamp") VALUES
    ('e1', 'profile_1', 'e1', 'a-1', 'Home', 'https://acme.example/', 1, '2026-05-02 15:00', '2026-05-02 14:01', '2026-05-02 14:01');
INSERT INTO acme.order_completed (id, segment_id, event_id, event, event_text, order_id, total, uuid, uuid_ts, received_at, "timestamp") VALUES
    ('e5', 'profile_2', 'e5', 'order_completed', 'Order Completed', 'o-1', 49.9, 1, '2026-06-22 11:00', '2026-06-22 10:50', '2026-06-22 10:50');
