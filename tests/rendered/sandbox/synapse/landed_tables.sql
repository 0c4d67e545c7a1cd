-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF SCHEMA_ID('acme') IS NULL
    EXEC ('CREATE SCHEMA acme');

IF OBJECT_ID('acme.id_graph_updates', 'U') IS NULL
CREATE TABLE acme.id_graph_updates (
    id                           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id                   varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    canonical_segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_type        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_id          varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_name        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_id   varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_name varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_slug varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                          varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at                  datetime2(7),
    uuid_ts                      datetime2(7),
    timestamp                    datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.external_id_mapping_updates', 'U') IS NULL
CREATE TABLE acme.external_id_mapping_updates (
    id                           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id                   varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_type             varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_value            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_hash             varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_type        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_id          varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_name        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_id   varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_name varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    triggering_event_source_slug varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                          varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at                  datetime2(7),
    uuid_ts                      datetime2(7),
    timestamp                    datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.identifies', 'U') IS NULL
CREATE TABLE acme.identifies (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email              varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    [plan]             varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    lifetime_value     float,
    is_vip             bit,
    [order]            bigint
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.pages', 'U') IS NULL
CREATE TABLE acme.pages (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    name               varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.screens', 'U') IS NULL
CREATE TABLE acme.screens (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    name               varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.groups', 'U') IS NULL
CREATE TABLE acme.groups (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    group_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.aliases', 'U') IS NULL
CREATE TABLE acme.aliases (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    previous_id        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.tracks', 'U') IS NULL
CREATE TABLE acme.tracks (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    event              varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_text         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('acme.order_completed', 'U') IS NULL
CREATE TABLE acme.order_completed (
    id                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_source_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    anonymous_id       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    user_id            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    sent_at            datetime2(7),
    original_timestamp datetime2(7),
    received_at        datetime2(7),
    uuid_ts            datetime2(7),
    timestamp          datetime2(7),
    event              varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    event_text         varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_url        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    context_page_title varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    total              float,
    order_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);
