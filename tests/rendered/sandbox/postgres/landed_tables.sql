-- The tables that Segment lands, for a warehouse that does not have them yet.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- The whole file is one transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

-- For this transaction only: names and values mean the same whatever the server, the role or a connection pool has set.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL row_security = off;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL array_nulls = on;
SET LOCAL transform_null_equals = off;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL jit = off;

-- Before 15 there is no MERGE.
SELECT CAST('this server is Postgres ' || pg_catalog.current_setting('server_version') || ', and 15 or later is needed' AS integer) AS nothing
WHERE CAST(pg_catalog.current_setting('server_version_num') AS integer) < 150000;

-- One run at a time, `idgraph apply` included: two that make the same name at once would fail.
SELECT pg_catalog.pg_advisory_xact_lock(7527, 0);

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

COMMIT;
