-- The tables that Segment lands, for a warehouse that does not have them yet.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.id_graph_updates (
    -- Built by idgraph.
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
    received_at                  text,
    uuid_ts                      text,
    timestamp                    text
);

CREATE TABLE IF NOT EXISTS acme.external_id_mapping_updates (
    -- Built by idgraph.
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
    received_at                  text,
    uuid_ts                      text,
    timestamp                    text
);

CREATE TABLE IF NOT EXISTS acme.identifies (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    context_url        text,
    context_page_title text,
    email              text,
    plan               text,
    lifetime_value     real,
    is_vip             boolean,
    "order"            integer
);

CREATE TABLE IF NOT EXISTS acme.pages (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    name               text,
    context_url        text,
    context_page_title text
);

CREATE TABLE IF NOT EXISTS acme.screens (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    name               text,
    context_url        text,
    context_page_title text
);

CREATE TABLE IF NOT EXISTS acme.groups (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    group_id           text,
    context_url        text,
    context_page_title text
);

CREATE TABLE IF NOT EXISTS acme.aliases (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    previous_id        text,
    context_url        text,
    context_page_title text
);

CREATE TABLE IF NOT EXISTS acme.tracks (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    event              text,
    event_text         text,
    context_url        text,
    context_page_title text
);

CREATE TABLE IF NOT EXISTS acme.order_completed (
    -- Built by idgraph.
    id                 text,
    segment_id         text,
    event_source_id    text,
    event_id           text,
    anonymous_id       text,
    user_id            text,
    sent_at            text,
    original_timestamp text,
    received_at        text,
    uuid_ts            text,
    timestamp          text,
    event              text,
    event_text         text,
    context_url        text,
    context_page_title text,
    total              real,
    order_id           text
);
