-- For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- A schema is an attached database: ATTACH 'the-file.db' AS acme;

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
    received_at                  text,
    uuid_ts                      text,
    timestamp                    text
);

CREATE INDEX IF NOT EXISTS acme.id_graph_updates_segment_id_idx
    ON id_graph_updates (segment_id);
CREATE INDEX IF NOT EXISTS acme.id_graph_updates_canonical_segment_id_idx
    ON id_graph_updates (canonical_segment_id);

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
    received_at                  text,
    uuid_ts                      text,
    timestamp                    text
);

CREATE INDEX IF NOT EXISTS acme.external_id_mapping_updates_segment_id_idx
    ON external_id_mapping_updates (segment_id);
CREATE INDEX IF NOT EXISTS acme.external_id_mapping_updates_external_id_value_idx
    ON external_id_mapping_updates (external_id_value);

CREATE TABLE IF NOT EXISTS acme.identifies (
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

CREATE INDEX IF NOT EXISTS acme.identifies_segment_id_idx
    ON identifies (segment_id);
CREATE INDEX IF NOT EXISTS acme.identifies_id_idx
    ON identifies (id);

CREATE TABLE IF NOT EXISTS acme.pages (
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

CREATE INDEX IF NOT EXISTS acme.pages_segment_id_idx
    ON pages (segment_id);
CREATE INDEX IF NOT EXISTS acme.pages_id_idx
    ON pages (id);

CREATE TABLE IF NOT EXISTS acme.screens (
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

CREATE INDEX IF NOT EXISTS acme.screens_segment_id_idx
    ON screens (segment_id);
CREATE INDEX IF NOT EXISTS acme.screens_id_idx
    ON screens (id);

CREATE TABLE IF NOT EXISTS acme.groups (
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

CREATE INDEX IF NOT EXISTS acme.groups_segment_id_idx
    ON groups (segment_id);
CREATE INDEX IF NOT EXISTS acme.groups_id_idx
    ON groups (id);

CREATE TABLE IF NOT EXISTS acme.aliases (
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

CREATE INDEX IF NOT EXISTS acme.aliases_segment_id_idx
    ON aliases (segment_id);
CREATE INDEX IF NOT EXISTS acme.aliases_id_idx
    ON aliases (id);

CREATE TABLE IF NOT EXISTS acme.tracks (
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

CREATE INDEX IF NOT EXISTS acme.tracks_segment_id_idx
    ON tracks (segment_id);
CREATE INDEX IF NOT EXISTS acme.tracks_id_idx
    ON tracks (id);

CREATE TABLE IF NOT EXISTS acme.order_completed (
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

CREATE INDEX IF NOT EXISTS acme.order_completed_segment_id_idx
    ON order_completed (segment_id);
CREATE INDEX IF NOT EXISTS acme.order_completed_id_idx
    ON order_completed (id);
