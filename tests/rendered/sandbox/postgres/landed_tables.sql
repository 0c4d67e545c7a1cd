-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
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

-- Ids and traits are Unicode.
SELECT CAST('the database keeps text as ' || pg_catalog.current_setting('server_encoding') || ', and UTF8 is needed' AS integer) AS nothing
WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8';

-- One run at a time, `idgraph apply` included: two that make the same name at once would fail.
SELECT pg_catalog.pg_advisory_xact_lock(7527, 0);

-- Only where it is missing: IF NOT EXISTS asks for the right to make it all the same.
DO $$
BEGIN
    IF pg_catalog.to_regnamespace('acme') IS NULL THEN
        CREATE SCHEMA acme;
    END IF;
END
$$;

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

-- Hash indexes, since a B-tree refuses values of more than 2,704 bytes and with them the row that lands.
CREATE INDEX IF NOT EXISTS id_graph_updates_segment_id_idx
    ON acme.id_graph_updates USING hash (segment_id);
CREATE INDEX IF NOT EXISTS id_graph_updates_canonical_segment_id_idx
    ON acme.id_graph_updates USING hash (canonical_segment_id);

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

COMMIT;
