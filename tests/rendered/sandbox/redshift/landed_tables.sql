-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE SCHEMA IF NOT EXISTS acme;

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
    _order             bigint
)
DISTKEY (segment_id)
SORTKEY (segment_id, id)
;

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
