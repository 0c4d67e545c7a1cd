-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE SCHEMA IF NOT EXISTS acme;

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    id                           varchar,
    segment_id                   varchar,
    canonical_segment_id         varchar,
    triggering_event_type        varchar,
    triggering_event_id          varchar,
    triggering_event_name        varchar,
    triggering_event_source_id   varchar,
    triggering_event_source_name varchar,
    triggering_event_source_slug varchar,
    seq                          varchar,
    received_at                  timestamp with time zone,
    uuid_ts                      timestamp with time zone,
    timestamp                    timestamp with time zone
);

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    id                           varchar,
    segment_id                   varchar,
    external_id_type             varchar,
    external_id_value            varchar,
    external_id_hash             varchar,
    triggering_event_type        varchar,
    triggering_event_id          varchar,
    triggering_event_name        varchar,
    triggering_event_source_id   varchar,
    triggering_event_source_name varchar,
    triggering_event_source_slug varchar,
    seq                          varchar,
    received_at                  timestamp with time zone,
    uuid_ts                      timestamp with time zone,
    timestamp                    timestamp with time zone
);

CREATE TABLE IF NOT EXISTS acme.identifies (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    context_url        varchar,
    context_page_title varchar,
    email              varchar,
    plan               varchar,
    lifetime_value     double,
    is_vip             boolean,
    "order"            bigint
);

CREATE TABLE IF NOT EXISTS acme.pages (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    name               varchar,
    context_url        varchar,
    context_page_title varchar
);

CREATE TABLE IF NOT EXISTS acme.screens (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    name               varchar,
    context_url        varchar,
    context_page_title varchar
);

CREATE TABLE IF NOT EXISTS acme.groups (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    group_id           varchar,
    context_url        varchar,
    context_page_title varchar
);

CREATE TABLE IF NOT EXISTS acme.aliases (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    previous_id        varchar,
    context_url        varchar,
    context_page_title varchar
);

CREATE TABLE IF NOT EXISTS acme.tracks (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    event              varchar,
    event_text         varchar,
    context_url        varchar,
    context_page_title varchar
);

CREATE TABLE IF NOT EXISTS acme.order_completed (
    id                 varchar,
    segment_id         varchar,
    event_source_id    varchar,
    event_id           varchar,
    anonymous_id       varchar,
    user_id            varchar,
    sent_at            timestamp with time zone,
    original_timestamp timestamp with time zone,
    received_at        timestamp with time zone,
    uuid_ts            timestamp with time zone,
    timestamp          timestamp with time zone,
    event              varchar,
    event_text         varchar,
    context_url        varchar,
    context_page_title varchar,
    total              double,
    order_id           varchar
);
