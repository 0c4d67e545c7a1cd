//! Spaces in which not all has landed: columns read as NULL, tables as no rows, until they land with their history. By `apply` and
//! `refresh`, by rendered files, and by migrations.

#[path = "../support/mod.rs"]
mod support;

mod on;
mod record;

use on::{Place, Postgres, Sqlite, Way};

const PROJECT: &str = "space: acme
dialects: [DIALECT]
context: [url]
models:
  id_graph: { materialized: KEPT }
  external_id_mapping: { materialized: KEPT }
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  resolved_events: {}
traits:
  columns:
    email: varchar
    plan: varchar
events:
  Order Completed: { properties: { total: float, coupon: varchar } }
";

/// What Segment has landed at first, the last of it long after the rows whose trait lands later: no pages, no screens, no plan, no coupon, no context, text of a type that is not ours.
const FIRST: &str = "
CREATE TABLE acme.id_graph_updates (id TEXT, segment_id TEXT, canonical_segment_id TEXT, seq TEXT, received_at TIME,
    uuid_ts TIME, timestamp TIME);
CREATE TABLE acme.external_id_mapping_updates (id TEXT, segment_id TEXT, external_id_type TEXT, external_id_value TEXT,
    external_id_hash TEXT, seq TEXT, received_at TIME, uuid_ts TIME, timestamp TIME);
CREATE TABLE acme.identifies (id TEXT, segment_id TEXT, received_at TIME, uuid_ts TIME, timestamp TIME, email TEXT);
CREATE TABLE acme.order_completed (id TEXT, segment_id TEXT, received_at TIME, uuid_ts TIME, timestamp TIME, event TEXT,
    event_text TEXT, total FLOAT);
INSERT INTO acme.id_graph_updates VALUES
    ('g1', 'p1', 'p1', '1', '2024-01-01 00:00:00', '2024-01-01 00:00:00', '2024-01-01 00:00:00'),
    ('g2', 'p2', 'p1', '2', '2024-01-01 00:00:00', '2024-01-01 00:00:00', '2024-01-02 00:00:00'),
    ('g3', 'p3', 'p3', '3', '2024-02-01 00:00:00', '2024-02-01 00:00:00', '2024-01-01 00:00:00');
INSERT INTO acme.external_id_mapping_updates VALUES
    ('x1', 'p2', 'email', 'one@example.com', 'h', '1', '2024-01-01 00:00:00', '2024-01-01 00:00:00', '2024-01-01 00:00:00');
INSERT INTO acme.identifies VALUES
    ('i1', 'p2', '2024-01-01 00:00:00', '2024-01-01 00:00:00', '2024-01-01 00:00:00', 'one@example.com'),
    ('i3', 'p3', '2024-02-01 00:00:00', '2024-02-01 00:00:00', '2024-01-01 00:00:00', 'three@example.com');
INSERT INTO acme.order_completed VALUES
    ('o1', 'p2', '2024-01-01 00:00:00', '2024-01-01 00:00:00', '2024-01-01 00:00:00', 'order_completed', 'Order Completed', 9.5);
";

/// What lands later: a trait whose values are in rows that were read long ago, a property, a context field, a table.
const LATER: &str = "
ALTER TABLE acme.identifies ADD COLUMN plan TEXT;
UPDATE acme.identifies SET plan = 'pro' WHERE id = 'i1';
INSERT INTO acme.id_graph_updates VALUES
    ('g4', 'p4', 'p4', '4', '2024-03-01 00:00:00', '2024-03-01 00:00:00', '2024-03-01 00:00:00');
INSERT INTO acme.identifies (id, segment_id, received_at, uuid_ts, timestamp, email) VALUES
    ('i4', 'p4', '2024-03-01 00:00:00', '2024-03-01 00:00:00', '2024-03-01 00:00:00', 'four@example.com');
ALTER TABLE acme.order_completed ADD COLUMN coupon TEXT;
ALTER TABLE acme.order_completed ADD COLUMN context_url TEXT;
UPDATE acme.order_completed SET coupon = 'SPRING', context_url = '/basket';
CREATE TABLE IF NOT EXISTS acme.pages (id TEXT, segment_id TEXT, received_at TIME, uuid_ts TIME, timestamp TIME, name TEXT);
INSERT INTO acme.pages (id, segment_id, name) VALUES ('v1', 'p2', 'Home');
";

/// Queries, and the rows that they have before and after, as the meaning of the tables says.
const EXPECTED: [(&str, &[&str], &[&str]); 6] = [
    (
        "SELECT segment_id, canonical_segment_id FROM acme.id_graph ORDER BY 1",
        &["p1|p1", "p2|p1", "p3|p3"],
        &["p1|p1", "p2|p1", "p3|p3", "p4|p4"],
    ),
    (
        "SELECT canonical_segment_id, external_id_value, external_id_hash FROM acme.external_id_mapping",
        &["p1|one@example.com|h"],
        &["p1|one@example.com|h"],
    ),
    (
        "SELECT canonical_segment_id, email, plan, merged_to FROM acme.profile_traits ORDER BY 1",
        &["p1|one@example.com|-|-", "p2|-|-|p1", "p3|three@example.com|-|-"],
        &[
            "p1|one@example.com|pro|-",
            "p2|-|-|p1",
            "p3|three@example.com|-|-",
            "p4|four@example.com|-|-",
        ],
    ),
    (
        "SELECT canonical_segment_id, name, value FROM acme.long_traits ORDER BY 1, 2",
        &["p1|email|one@example.com", "p3|email|three@example.com"],
        &[
            "p1|email|one@example.com",
            "p1|plan|pro",
            "p3|email|three@example.com",
            "p4|email|four@example.com",
        ],
    ),
    (
        "SELECT canonical_segment_id, id, coupon, context_url, user_id FROM acme.order_completed_resolved",
        &["p1|o1|-|-|-"],
        &["p1|o1|SPRING|/basket|-"],
    ),
    (
        "SELECT canonical_segment_id, id, name, context_url FROM acme.pages_resolved",
        &[],
        &["p1|v1|Home|-"],
    ),
];

fn project(dialect: &str, kept: &str) -> String {
    PROJECT.replace("DIALECT", dialect).replace("KEPT", kept)
}

fn holds(place: &dyn Place, after: bool, how: &str) {
    for (query, before, later) in EXPECTED {
        let expected = if after { later } else { before };
        assert_eq!(place.rows(query), expected, "{how}, after: {after}: {query}");
    }
}

/// The same rows, whichever way they are built, before and after the others land; `again` brings up to date.
fn lands(place: &dyn Place, way: Way, how: &str) {
    place.run(FIRST);
    place.begin(way);
    holds(place, false, how);
    // A refresh in between would note by itself what it has not read; behind a migration there may be none.
    if way != Way::Migrations {
        place.again(way);
        holds(place, false, how);
    }
    place.run(LATER);
    if way == Way::Migrations {
        place.views_are_behind();
    }
    place.again(way);
    holds(place, true, how);
    place.again(way);
    holds(place, true, how);
}

#[test]
fn what_lands_later_is_taken_in_with_its_history() {
    for kept in ["table", "incremental"] {
        for way in [Way::Apply, Way::Files, Way::Migrations] {
            let how = format!("{kept}, {way:?}");
            lands(&Postgres::new(&project("postgres", kept)), way, &format!("Postgres, {how}"));
            lands(&Sqlite::new(&project("sqlite", kept)), way, &format!("SQLite, {how}"));
        }
    }
}

/// A column that is there no more reads as NULL again: people drop landed tables so that Segment makes them anew.
#[test]
fn what_is_there_no_more_is_null_again() {
    for place in [
        &Postgres::new(&project("postgres", "incremental")) as &dyn Place,
        &Sqlite::new(&project("sqlite", "incremental")),
    ] {
        place.run(FIRST);
        place.run(LATER);
        place.begin(Way::Files);
        holds(place, true, "files");
        place.run("ALTER TABLE acme.identifies RENAME COLUMN plan TO __plan");
        place.again(Way::Files);
        let query = "SELECT canonical_segment_id FROM acme.profile_traits WHERE plan IS NOT NULL";
        assert_eq!(place.rows(query), [""; 0]);
        let query = "SELECT value FROM acme.long_traits WHERE name = 'plan'";
        assert_eq!(place.rows(query), [""; 0]);
        place.run("ALTER TABLE acme.identifies RENAME COLUMN __plan TO plan");
        place.again(Way::Files);
        holds(place, true, "files again");
    }
}

#[test]
fn plan_says_when_the_record_is_behind() {
    let place = Postgres::new(&project("postgres", "table"));
    place.run(FIRST);
    place.idgraph("introspect", &[]).fine();
    place.idgraph("apply", &[]).fine();
    place.idgraph("introspect", &[]).fine();
    let said = place.idgraph("plan", &[]).stdout;
    assert!(!said.contains("landed.json"), "{said}");
    place.run(LATER);
    let said = place.idgraph("plan", &[]).stdout;
    for word in [
        "landed.json is behind the database",
        "idgraph introspect --target",
        "identifies.plan has landed",
    ] {
        assert!(said.contains(word), "{word} is not in\n{said}");
    }
    place.idgraph("introspect", &["--check"]).exits(1);
    place.idgraph("introspect", &[]).fine();
    place.idgraph("introspect", &["--check"]).fine();
    let said = place.idgraph("plan", &[]).stdout;
    assert!(!said.contains("landed.json"), "{said}");
}
