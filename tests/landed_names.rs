//! Landed tables and columns whose names are not those of the project in snake case: `column` and `table` say them, rules of
//! Segment's give them, `introspect` writes them, and what is Segment's own is never taken for the customer's.

mod support;

use std::fs;

use support::command::{finish, idgraph};
use support::postgres::Database;
use support::postgres::project::Project;
use support::sqlite;

/// What Segment has landed: its own number of the row beside the customer's, and words that are reserved somewhere.
const LANDED: &str = "
CREATE TABLE acme.id_graph_updates (id text, segment_id text, canonical_segment_id text, seq text, received_at TIME,
    uuid_ts TIME, timestamp TIME);
CREATE TABLE acme.external_id_mapping_updates (id text, segment_id text, external_id_type text, external_id_value text,
    external_id_hash text, seq text, received_at TIME, uuid_ts TIME, timestamp TIME);
CREATE TABLE acme.identifies (id text, segment_id text, received_at TIME, uuid bigint, uuid_ts TIME, timestamp TIME,
    loaded_at TIME, _uuid text, _open boolean, _order bigint, _id text, email text);
CREATE TABLE acme._open (id text, segment_id text, received_at TIME, uuid bigint, uuid_ts TIME, timestamp TIME, event text,
    event_text text, _id text, total double precision);
CREATE TABLE acme.pages (id text, segment_id text, received_at TIME, uuid bigint, uuid_ts TIME, timestamp TIME, name text,
    path text);
INSERT INTO acme.pages (id, segment_id, name, path) VALUES ('g1', 'p1', 'Home', '/');
INSERT INTO acme.identifies (id, segment_id, received_at, uuid, _uuid, _open, _order, _id)
    VALUES ('i1', 'p1', '2024-01-01 00:00:00', 8122334455, 'cust-42', true, 5, 'theirs');
INSERT INTO acme._open (id, segment_id, uuid, _id, total) VALUES ('e1', 'p1', 1, 'their event', 1.5);
";

const BEGUN: &str = "space: acme\ndialects: [DIALECT]\nmodels: { resolved_events: {}, user_traits: { name: long_traits } }\n";

const WRITTEN: &str = "traits:
  columns:
    uuid: varchar
    open:
      type: boolean
      column: _open
    order:
      type: integer
      column: _order
    id:
      type: varchar
      column: _id
    email: varchar

events:
  open:
    table: _open
    properties:
      id:
        type: varchar
        column: _id
      total: float
  pages:
    properties:
      path: varchar
";

#[test]
fn on_postgres_what_introspect_writes_is_what_the_models_show() {
    for way in ["table", "incremental", "view"] {
        let database = Database::new();
        let mut client = database.client();
        client.batch_execute("CREATE SCHEMA acme").unwrap();
        client.batch_execute(&LANDED.replace("TIME", "timestamptz")).unwrap();
        let graph = if way == "view" { "table" } else { way };
        let ways = format!(
            "id_graph: {{ materialized: {graph} }}, profile_traits: {{ materialized: {way} }}, resolved_events"
        );
        let text = BEGUN.replace("DIALECT", "postgres").replace("resolved_events", &ways);
        let project = Project::new(&text, database.url());
        finish(project.command("introspect", &[])).fine();
        let written = fs::read_to_string(project.folder().join("idgraph.yml")).unwrap();
        assert!(written.contains(WRITTEN), "{written}");
        finish(project.command("introspect", &["--check"])).fine();
        project.apply(&[]).fine();
        project.refresh(&[]).fine();
        let row = |sql: &str| -> String {
            database
                .client()
                .query_one(&format!("SELECT CAST(r AS text) FROM ({sql}) AS r"), &[])
                .unwrap()
                .get(0)
        };
        assert_eq!(
            row("SELECT uuid, open, \"order\", _id, email FROM acme.profile_traits"),
            "(cust-42,t,5,theirs,)",
            "{way}"
        );
        let shown = "SELECT id, _id, total FROM acme._open_resolved";
        assert_eq!(row(shown), "(e1,\"their event\",1.5)");
        assert_eq!(row("SELECT id, name, path FROM acme.pages_resolved"), "(g1,Home,/)");
        finish(project.command("verify", &[])).fine();
        // Everything that has landed is in the project.
        let plan = finish(project.command("plan", &[])).fine();
        assert!(!plan.stdout.contains("looks like a new"), "{}", plan.stdout);
    }
}

#[test]
fn on_sqlite_what_introspect_writes_is_what_the_models_show() {
    let project = sqlite::Project::new(&BEGUN.replace("DIALECT", "sqlite"));
    project.run(&LANDED.replace("acme.", "").replace("TIME", "timestamp"));
    finish(project.command("introspect", &[])).fine();
    let written = fs::read_to_string(project.folder().join("idgraph.yml")).unwrap();
    assert!(written.contains(WRITTEN), "{written}");
    project.apply(&[]).fine();
    project.refresh(&[]).fine();
    let row =
        |sql: &str| -> String { project.open().query_row(sql, [], |row| row.get(0)).unwrap() };
    let traits = "SELECT uuid || open || \"order\" || _id FROM profile_traits";
    assert_eq!(row(traits), "cust-4215theirs");
    assert_eq!(row("SELECT id || _id || total FROM _open_resolved"), "e1their event1.5");
    assert_eq!(row("SELECT id || name || path FROM pages_resolved"), "g1Home/");
    finish(project.command("verify", &[])).fine();
    finish(project.command("plan", &[])).fine();
}

#[test]
fn plan_says_what_to_write_for_a_column_of_another_name() {
    let database = Database::new();
    let mut client = database.client();
    client.batch_execute("CREATE SCHEMA acme").unwrap();
    client.batch_execute(&LANDED.replace("TIME", "timestamptz")).unwrap();
    let project = Project::new(&BEGUN.replace("DIALECT", "postgres"), database.url());
    project.apply(&[]).fine();
    let plan = finish(project.command("plan", &[]));
    let said = format!("{}{}", plan.stdout, plan.stderr);
    for entry in ["`uuid: varchar`", "`order: { type: integer, column: _order }`"] {
        assert!(said.contains(entry), "{entry} is not in {said}");
    }
    assert!(!said.contains("loaded_at"), "{said}");
}

/// On Redshift a reserved word lands with `_` in front, and nobody has to say so.
#[test]
fn redshifts_reserved_words_land_apart() {
    let folder = tempfile::tempdir().unwrap();
    let text = "space: acme\ndialects: [redshift, snowflake]\ntraits:\n  columns:\n    order: integer\n    tag: { type: varchar, column: tag }\nevents:\n  Open: { properties: { user: varchar } }\nmodels: { resolved_events: {} }\n";
    fs::write(folder.path().join("idgraph.yml"), text).unwrap();
    idgraph(folder.path(), &["render"]).fine();
    let read = |dialect: &str| {
        let mut files: Vec<_> = fs::read_dir(folder.path().join("sql").join(dialect))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>()
    };
    let redshift = read("redshift");
    for sql in [
        "landed._order AS \"order\"",
        "landed.\"tag\"",
        "FROM acme._open AS landed",
        "landed._user AS \"user\"",
        "acme.open_resolved",
    ] {
        assert!(redshift.contains(sql), "{sql} is not in {redshift}");
    }
    let snowflake = read("snowflake");
    assert!(snowflake.contains("acme.open AS e") && !snowflake.contains("_order"), "{snowflake}");
}

/// The server cuts a name of more than 63 bytes without an error.
#[test]
fn postgres_has_a_long_table_under_its_beginning() {
    let database = Database::new();
    let long = "a_track_event_whose_name_is_longer_than_what_postgres_takes_for_one";
    assert!(long.len() > 63);
    let mut client = database.client();
    client.batch_execute("CREATE SCHEMA acme").unwrap();
    client
        .batch_execute(
            &LANDED.replace("TIME", "timestamptz").replace("_open (", &format!("{long} (")),
        )
        .unwrap();
    let text = format!(
        "{}events: {{ {long}: {{ properties: {{ total: float }} }} }}\n",
        BEGUN.replace("DIALECT", "postgres")
    );
    let project = Project::new(&text, database.url());
    project.apply(&[]).fine();
    let view = "SELECT CAST(c.relname AS text) FROM pg_class AS c WHERE c.relname LIKE 'a_track_event%_resolved'";
    let view: String = client.query_one(view, &[]).unwrap().get(0);
    assert_eq!(view.len(), 63);
    let total: f64 =
        client.query_one(&format!("SELECT total FROM acme.{view}"), &[]).unwrap().get(0);
    assert!((total - 1.5).abs() < f64::EPSILON);
    finish(project.command("introspect", &["--check"])).exits(1);
    let other = format!("{}_2", long);
    let text = format!(
        "{}events: {{ {long}: {{}}, {other}: {{}} }}\n",
        BEGUN.replace("DIALECT", "postgres")
    );
    project.change(&text);
    finish(project.command("plan", &[])).exits(2).says(&[
        "error[name-collision]",
        long,
        &other,
        "are the same table",
    ]);
}

/// What the record beside the project file says of types, rendered files follow; what would lose something is refused.
#[test]
fn rendered_files_read_by_the_types_that_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let text = "space: acme\ndialects: [snowflake]\ntraits:\n  columns:\n    zip: varchar\n    seen: timestamp\n";
    fs::write(folder.path().join("idgraph.yml"), text).unwrap();
    let record = |zip: &str, seen: &str| {
        let columns = |more: &str| {
            format!(
                "{{ \"ID\": \"TEXT\", \"SEGMENT_ID\": \"TEXT\", \"TIMESTAMP\": \"TIMESTAMP_TZ\", \"UUID_TS\": \"TIMESTAMP_TZ\"{more} }}"
            )
        };
        let more = format!(", \"ZIP\": \"{zip}\", \"SEEN\": \"{seen}\"");
        let text = format!(
            "{{ \"version\": 1, \"snowflake\": {{ \"ID_GRAPH_UPDATES\": {}, \"IDENTIFIES\": {} }} }}",
            columns(""),
            columns(&more)
        );
        fs::write(folder.path().join("landed.json"), text).unwrap();
    };
    record("NUMBER(38,0)", "DATE");
    idgraph(folder.path(), &["render"]).fine();
    let mut sql = String::new();
    for file in fs::read_dir(folder.path().join("sql/snowflake")).unwrap() {
        sql.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
    }
    assert!(sql.contains("CAST(landed.zip AS varchar) AS zip"), "{sql}");
    assert!(sql.contains("TO_TIMESTAMP_TZ(TO_VARCHAR(landed.seen"), "{sql}");
    record("TEXT", "FLOAT");
    idgraph(folder.path(), &["render", "--check"]).exits(2).says(&[
        "error[landed-type]: acme.identifies.seen is FLOAT, and cannot be read as timestamp without loss",
        "idgraph.yml:6:5",
        "`type: varchar`",
    ]);
}
