//! `idgraph diff --target` on Postgres: by what was recorded and by the tables, with a role that may only read, and without a row
//! of the database.

mod support;

use std::fs;

use serde_json::Value;
use support::command::{Run, finish, idgraph};
use support::postgres::Database;
use support::postgres::project::{Project, dump};

const BEFORE: &str = "space: acme
dialects: [postgres]
traits:
  columns:
    email: varchar
    visits: integer
events:
  Order Completed: { properties: { total: integer } }
models:
  user_traits: { materialized: view, name: long_traits }
  resolved_events: {}
";

fn diff(project: &Project, further: &[&str]) -> Run {
    finish(project.command("diff", further))
}

fn review(project: &Project) -> Value {
    let run = diff(project, &["--format", "json"]).exits(1);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn new(project: &Project) {
    idgraph(project.folder(), &["migrate", "new"]).fine();
}

#[test]
fn a_target_is_compared_by_its_ledger_and_its_rows_stay_there() {
    let database = Database::new();
    let project = Project::new(BEFORE, database.url());
    new(&project);
    project.apply(&[]).fine();
    diff(&project, &[]).fine().says(&["warehouse at 0001_", "no difference"]);
    let rows = "INSERT INTO acme.identifies (id, segment_id, email) SELECT i, i, 'live-row-' || i FROM generate_series(1, 200000) AS i;
        INSERT INTO acme.profile_traits (canonical_segment_id, email) SELECT i, 'live-row-' || i FROM generate_series(1, 100000) AS i;
        ANALYZE acme.identifies, acme.profile_traits";
    database.client().batch_execute(rows).expect("rows");
    project.change(&BEFORE.replace("visits: integer", "visits: float\n    plan: varchar"));
    new(&project);
    let before = dump(&database);
    for format in ["text", "markdown", "json", "github", "gitlab"] {
        let run = diff(&project, &["--format", format]).exits(1);
        assert!(!run.stdout.contains("live-row") && !run.stderr.contains("live-row"));
    }
    // No git knows what was recorded with the first: its tables do.
    let review = review(&project);
    let risks = review["migrations"][0]["risks"].as_array().expect("risks").clone();
    let rewrite = |object: &str| {
        let is_it = |one: &&Value| one["kind"] == "rewrite" && one["object"] == object;
        risks.iter().find(is_it).unwrap_or_else(|| panic!("{risks:#?}")).clone()
    };
    assert_eq!(rewrite("acme.profile_traits")["rows"], 100_000);
    let is_landed = |one: &Value| one["object"] == "acme.identifies";
    assert!(!risks.iter().any(is_landed), "a landed table is left alone: {risks:#?}");
    assert_eq!(review["migrations"].as_array().map(Vec::len), Some(1));
    let traits = review["objects"].as_array().expect("objects").iter();
    let traits = traits.clone().find(|one| one["name"] == "acme.profile_traits").expect("it");
    let columns: Vec<&Value> = traits["columns"].as_array().expect("columns").iter().collect();
    assert_eq!(columns.len(), 2, "{columns:#?}");
    let shown = diff(&project, &[]).exits(1).stdout;
    assert!(
        shown.contains("writes acme.profile_traits anew as a whole: 100,000 rows, under a second"),
        "{shown}"
    );
    assert_eq!(before, dump(&database));
    // Once it has run, nothing is left.
    project.apply(&["--allow-destructive", "acme.profile_traits.visits"]).fine();
    diff(&project, &[]).fine().says(&["warehouse at 0002_"]);
}

#[test]
fn without_migrations_a_reader_can_compare_what_stands_there() {
    let database = Database::new();
    let project = Project::new(BEFORE, database.url());
    project.apply(&[]).fine();
    // Segment's own words for types, and no column for what was never sent.
    database
        .client()
        .batch_execute(
            "DROP TABLE acme.order_completed CASCADE;
             CREATE TABLE acme.order_completed (id varchar, segment_id varchar, event varchar, timestamp timestamptz, uuid_ts timestamptz);",
        )
        .expect("a table");
    project.apply(&[]).fine();
    let reader = format!("{}_reader", database.name());
    let admin = |sql: &str| database.client().batch_execute(sql).expect("a role");
    admin(&format!("CREATE ROLE {reader}; GRANT USAGE ON SCHEMA acme TO {reader}"));
    let as_reader = || {
        let mut command = project.command("diff", &["--format", "json"]);
        command.env("PGOPTIONS", format!("-c role={reader}"));
        finish(command)
    };
    let same = as_reader();
    let changed = BEFORE.replace("visits: integer", "visits: float").replace(
        "user_traits: { materialized: view, name: long_traits }",
        "user_traits: { name: long_traits }",
    );
    project.change(&changed);
    let other = as_reader();
    admin(&format!("DROP OWNED BY {reader}; DROP ROLE {reader}"));
    same.fine().says(&["warehouse, by its tables alone: no difference"]);
    let review: Value = serde_json::from_str(&other.exits(1).stdout).expect("JSON");
    let object = |name: &str| {
        let all = review["objects"].as_array().expect("objects").iter();
        all.clone().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{review:#}")).clone()
    };
    assert_eq!(object("acme.long_traits")["reasons"][0], "view → table");
    let visits = object("acme.profile_traits")["columns"][0].clone();
    assert_eq!(
        (&visits["what"], &visits["name"], &visits["from"]),
        (&"retyped".into(), &"visits".into(), &"bigint".into())
    );
    assert!(fs::read_dir(project.folder()).expect("a folder").count() == 1, "nothing is written");
}
