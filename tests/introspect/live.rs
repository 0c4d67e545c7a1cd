//! A live space on Postgres and on SQLite.

use std::fs;
use std::path::Path;

use idgraph::dialect::{Dialect, Library};
use idgraph::render::landed_columns;

use super::support::command::{Run, finish, idgraph};
use super::support::postgres::Database;
use super::support::postgres::project::Project as OnPostgres;
use super::support::sqlite::Project as OnSqlite;

const PROJECT: &str = "space: acme\ndialects: [DIALECT]\ntraits:\n  columns:\n    email: varchar # theirs\n    fax: varchar\nmodels: { resolved_events: {}, user_traits: { name: long_traits } }\n";

/// What Segment lands meanwhile; `TEXT` and its kin are the engine's types.
const LANDED: &str = "
ALTER TABLE acme.identifies ADD COLUMN plan TEXT;
ALTER TABLE acme.identifies ADD COLUMN visits BIGINT;
ALTER TABLE acme.identifies ADD COLUMN odd JSONB;
ALTER TABLE acme.identifies ADD COLUMN context_locale TEXT;
ALTER TABLE acme.identifies ADD COLUMN __operation TEXT;
ALTER TABLE acme.identifies ADD COLUMN onboarding_hidden_entry BOOLEAN;
CREATE TABLE acme.order_completed (id TEXT, segment_id TEXT, received_at TIMESTAMPTZ, event TEXT, event_text TEXT,
    total DOUBLE PRECISION, \"order\" TEXT);
CREATE TABLE acme.theirs (id TEXT, plan TEXT);
CREATE VIEW acme.a_view AS SELECT id, segment_id, received_at, event, event_text, total FROM acme.order_completed;
";

const ADDED: &str = "space: acme\ndialects: [DIALECT]\ntraits:\n  columns:\n    email: varchar # theirs\n    fax: varchar\n    plan: varchar\n    visits: integer\n    odd: varchar\nmodels: { resolved_events: {}, user_traits: { name: long_traits } }\n";

const MORE: &str = "\ncontext: [locale]\n\nevents:\n  order_completed:\n    properties:\n      total: float\n      order: varchar\n";

fn project(folder: &Path) -> String {
    fs::read_to_string(folder.join("idgraph.yml")).unwrap()
}

/// What the file is to be, its targets in between.
fn expected(dialect: &str, targets: &str) -> String {
    format!("{}{targets}{MORE}", ADDED.replace("DIALECT", dialect))
}

fn query(dialect: &str) -> String {
    let library = Library::embedded();
    landed_columns("acme", &Dialect::load(&library, dialect).unwrap(), &library).unwrap()
}

/// The same space by its query's rows, into the project as it was.
fn by_export(before: &str, rows: &[[String; 4]], dialect: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), before).unwrap();
    let mut csv = csv::Writer::from_path(folder.path().join("c.csv")).unwrap();
    csv.write_record(["table_schema", "table_name", "column_name", "data_type"]).unwrap();
    for row in rows {
        csv.write_record(row).unwrap();
    }
    csv.flush().unwrap();
    idgraph(folder.path(), &["introspect", "--from", "c.csv", "--dialect", dialect]).fine();
    project(folder.path())
}

fn says_what_is_left(run: Run) {
    run.says(&["trait fax", "+    odd: varchar", "+    visits: integer"]);
}

#[test]
fn a_live_space_on_postgres() {
    let database = Database::new();
    let place = OnPostgres::new(&PROJECT.replace("DIALECT", "postgres"), database.url());
    let introspect = |further: &[&str]| finish(place.command("introspect", further));
    introspect(&[])
        .exits(2)
        .says(&["error[space-missing]: target `warehouse` has no schema `acme`"]);
    database.client().batch_execute("CREATE SCHEMA acme").unwrap();
    let run = introspect(&["--check"]).exits(1).says(&["trait email"]);
    assert!(run.stdout.contains("landed.json"), "{}", run.stdout);
    introspect(&[]).fine().says(&["trait email", "wrote landed.json"]);
    introspect(&["--check"]).fine().says(&["have all that has landed"]);
    place.apply(&[]).fine();
    let before = project(place.folder());
    introspect(&[]).fine().says(&["wrote landed.json"]);
    introspect(&[]).fine().says(&["have all that has landed"]);
    database.client().batch_execute(LANDED).unwrap();
    database.client().batch_execute("ALTER TABLE acme.identifies DROP COLUMN fax CASCADE").unwrap();
    introspect(&["--check"]).exits(1);
    assert_eq!(project(place.folder()), before);
    says_what_is_left(introspect(&[]).fine());
    let targets = "targets:\n  warehouse: { engine: postgres, url: \"${DATABASE_URL}\" }\n";
    let after = project(place.folder());
    assert_eq!(after, expected("postgres", targets));
    introspect(&["--check"]).fine();
    introspect(&[]).fine();
    assert_eq!(project(place.folder()), after);
    let rows = database.client().query(&query("postgres"), &[]).unwrap();
    let rows: Vec<_> = rows.iter().map(|row| [0, 1, 2, 3].map(|index| row.get(index))).collect();
    assert_eq!(by_export(&before, &rows, "postgres"), after);
    place.apply(&[]).fine();
    let resolved = "SELECT total FROM acme.order_completed_resolved";
    database.client().query(resolved, &[]).unwrap();
    introspect(&["--check"]).fine();
}

#[test]
fn a_role_that_may_only_read_can_introspect() {
    let database = Database::new();
    let place = OnPostgres::new(&PROJECT.replace("DIALECT", "postgres"), database.url());
    place.apply(&[]).fine();
    database.client().batch_execute(LANDED).unwrap();
    let mut command = place.command("introspect", &["--check"]);
    command.env("PGOPTIONS", "-c default_transaction_read_only=on");
    finish(command).exits(1);
}

#[test]
fn a_live_space_on_sqlite() {
    let place = OnSqlite::new(&PROJECT.replace("DIALECT", "sqlite"));
    let introspect = |further: &[&str]| finish(place.command("introspect", further));
    introspect(&[]).exits(2);
    place.run("SELECT 1; PRAGMA user_version = 1");
    let run = introspect(&["--check"]).exits(1).says(&["trait email"]);
    assert!(run.stdout.contains("landed.json"), "{}", run.stdout);
    introspect(&[]).fine().says(&["trait email", "wrote landed.json"]);
    introspect(&["--check"]).fine().says(&["have all that has landed"]);
    place.apply(&[]).fine();
    let before = project(place.folder());
    introspect(&[]).fine().says(&["wrote landed.json"]);
    introspect(&[]).fine().says(&["have all that has landed"]);
    place.run("DROP VIEW identifies_resolved; ALTER TABLE identifies DROP COLUMN fax");
    place.run(&LANDED.replace("acme.", ""));
    introspect(&["--check"]).exits(1);
    assert_eq!(project(place.folder()), before);
    says_what_is_left(introspect(&[]).fine());
    let after = project(place.folder());
    assert_eq!(after, expected("sqlite", "targets:\n  local: { engine: sqlite, path: acme.db }\n"));
    introspect(&[]).fine();
    assert_eq!(project(place.folder()), after);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let file = place.file().to_string_lossy().into_owned();
    connection.execute("ATTACH ?1 AS acme", [file]).unwrap();
    let mut statement = connection.prepare(&query("sqlite")).unwrap();
    let rows =
        statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(by_export(&before, &rows, "sqlite"), after);
    drop(statement);
    place.apply(&[]).fine();
    introspect(&["--check"]).fine();
}
