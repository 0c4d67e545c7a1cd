//! `idgraph plan` on Postgres: with a role that may only read, and what it says of locks, rewrites and rebuilds.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::command::{Run, finish, idgraph};
use support::postgres::Database;
use support::postgres::project::{Project, dump};

const BEFORE: &str = "space: acme
dialects: [postgres]
traits:
  columns:
    email: varchar
    fax: varchar
    visits: integer
";

fn plan(project: &Project, further: &[&str]) -> Run {
    finish(project.command("plan", further))
}

fn json(project: &Project) -> Value {
    let run = plan(project, &["--format", "json"]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr))
}

fn new(project: &Project) {
    idgraph(project.folder(), &["migrate", "new"]).fine();
}

/// At its first migration, with rows that are counted.
fn made(database: &Database<'_>, text: &str) -> Project {
    let project = Project::new(text, database.url());
    new(&project);
    project.apply(&[]).fine();
    let rows = "INSERT INTO acme.identifies (id, segment_id) SELECT i, i FROM generate_series(1, 200000) AS i;
        INSERT INTO acme.profile_traits (canonical_segment_id) SELECT i FROM generate_series(1, 100000) AS i;
        ANALYZE acme.identifies, acme.profile_traits";
    database.client().batch_execute(rows).expect("rows");
    project
}

#[track_caller]
fn risk(plan: &Value, kind: &str, object: &str) -> Value {
    let all = plan["risks"].as_array().expect("a list");
    let found = all.iter().find(|one| one["kind"] == kind && one["object"] == object);
    found.unwrap_or_else(|| panic!("no {kind} of {object}: {:#}", plan["risks"])).clone()
}

#[test]
fn a_role_that_may_only_read_can_plan_and_changes_nothing() {
    let database = Database::new();
    let project = made(&database, BEFORE);
    project.change(&BEFORE.replace("    fax", "    plan: varchar\n    fax"));
    new(&project);
    let reader = format!("{}_planner", database.name());
    let admin = |sql: &str| database.client().batch_execute(sql).expect("a role");
    admin(&format!("CREATE ROLE {reader}; GRANT USAGE ON SCHEMA acme TO {reader}"));
    let as_reader = || {
        let mut command = project.command("plan", &["--verbose"]);
        command.env("PGOPTIONS", format!("-c role={reader}"));
        finish(command)
    };
    let refused = as_reader();
    admin(&format!("GRANT SELECT ON acme.idgraph_migrations TO {reader}"));
    let before = dump(&database);
    let (granted, after) = (as_reader(), dump(&database));
    admin(&format!("DROP OWNED BY {reader}; DROP ROLE {reader}"));
    refused.exits(2).says(&[
        "permission denied for table idgraph_migrations",
        &format!("GRANT SELECT ON acme.idgraph_migrations TO {reader};"),
    ]);
    let granted = granted.exits(1);
    assert!(granted.stdout.contains("ADD COLUMN plan text"), "{}", granted.stdout);
    assert_eq!(before, after);
}

#[test]
fn the_sql_is_what_apply_runs() {
    let database = Database::new();
    let project = Project::new(BEFORE, database.url());
    project.land_tables();
    let runs = |further: &[&str]| -> Vec<String> {
        let run = project.apply_alone(&[&["--dry-run"], further].concat()).fine();
        let statements = run.stdout.split(";\n\n").map(str::to_owned);
        let is_ours = |sql: &String| {
            let is_end = ["", "COMMIT", "ROLLBACK"].contains(&sql.trim());
            // The locks that apply takes before it looks.
            let begins = ["BEGIN", "LOCK TABLE \""].iter().any(|begin| sql.starts_with(begin))
                || sql.contains("SET LOCAL search_path");
            let is_note = sql.contains("idgraph_migrations") || sql.contains("idgraph_objects");
            !is_end && !begins && !is_note
        };
        statements.filter(is_ours).collect()
    };
    let planned = || -> Vec<String> {
        let plan = json(&project);
        let files = plan["pending"].as_array().expect("files");
        let all = files.iter().flat_map(|file| file["statements"].as_array().expect("all"));
        let all = all.map(|one| one["sql"].as_str().expect("a text").to_owned());
        all.filter(|sql| !sql.contains("idgraph_objects")).collect()
    };
    assert!(planned().len() > 10);
    assert_eq!(planned(), runs(&[]), "without migrations");
    project.apply(&[]).fine();
    assert_eq!(planned(), runs(&[]), "what is there is brought up to date");
    new(&project);
    // The schema is there, and asking for it takes a right: both pass it over.
    assert_eq!(planned(), runs(&[]), "with migrations");
    project.apply(&[]).fine();
    project.change(&BEFORE.replace("fax: varchar", "plan: varchar"));
    new(&project);
    assert_eq!(planned(), runs(&["--allow-destructive", "acme.profile_traits.fax"]));
}

#[test]
fn a_type_that_changes_is_a_rewrite_and_keeps_everybody_waiting_until_the_end_of_its_file() {
    let database = Database::new();
    let project = made(&database, BEFORE);
    project.change(&BEFORE.replace("visits: integer", "visits: float"));
    new(&project);
    let plan = json(&project);
    let rewrite = risk(&plan, "rewrite", "acme.profile_traits");
    assert_eq!((&rewrite["rows"], &rewrite["seconds"]), (&100_000.into(), &0.2.into()));
    let lock = risk(&plan, "lock", "acme.profile_traits");
    assert_eq!((&lock["lock"], &lock["stops"]), (&"ACCESS EXCLUSIVE".into(), &"everybody".into()));
    // A rewrite of 100,000 rows at 500,000 a second, and the values of the trait behind it: that reads 200,000 landed rows and
    // writes the others, 300,000 at 200,000 a second.
    assert_eq!(
        lock["seconds"].as_f64().map(|seconds| (seconds * 10.0).round()),
        Some(17.0),
        "{lock}"
    );
    let risks = plan["risks"].as_array().expect("a list");
    assert!(risks.iter().all(|one| one["object"] != "acme.identifies"), "Segment's: {plan:#}");
    let text = plan_text(&project);
    assert!(
        text.contains("acme.profile_traits: ACCESS EXCLUSIVE, readers and writers wait, about 2 s"),
        "{text}"
    );
    assert!(
        text.contains("Rows are estimated by the server's statistics, pg_class.reltuples."),
        "{text}"
    );
}

fn plan_text(project: &Project) -> String {
    plan(project, &[]).stdout
}

#[test]
fn what_is_not_analyzed_has_no_time() {
    let database = Database::new();
    let project = Project::new(BEFORE, database.url());
    new(&project);
    project.apply(&[]).fine();
    let fresh = "CREATE TABLE acme.fresh AS SELECT * FROM acme.profile_traits; DROP TABLE acme.profile_traits;
        ALTER TABLE acme.fresh RENAME TO profile_traits;
        UPDATE acme.idgraph_objects SET object_id = 'acme.profile_traits'::regclass::oid::text WHERE object_name = 'profile_traits'";
    database.client().batch_execute(fresh).expect("a table without statistics");
    project.change(&BEFORE.replace("visits: integer", "visits: float"));
    new(&project);
    let plan = json(&project);
    assert_eq!(risk(&plan, "rewrite", "acme.profile_traits")["rows"], Value::Null);
    assert_eq!(risk(&plan, "lock", "acme.profile_traits")["seconds"], Value::Null);
    assert!(plan_text(&project).contains("readers and writers wait, for how long is not known"));
}

#[test]
fn a_rebuild_lets_readers_go_on_and_a_view_that_is_made_again_keeps_its_grants() {
    let database = Database::new();
    let text = format!("{BEFORE}models:\n  resolved_events: {{}}\n");
    let project = made(&database, &text);
    project.change(&text.replace("models:", "  null_means: unset\nmodels:"));
    new(&project);
    let plan = json(&project);
    let lock = risk(&plan, "lock", "acme.profile_traits");
    assert_eq!((&lock["lock"], &lock["stops"]), (&"SHARE ROW EXCLUSIVE".into(), &"writers".into()));
    let rebuilt = plan["objects"].as_array().expect("a list");
    let rebuilt = rebuilt.iter().find(|one| one["object"] == "acme.profile_traits").expect("it");
    assert_eq!((&rebuilt["happens"], &rebuilt["rows"]), (&"rebuilt".into(), &100_000.into()));
    project.apply(&["--allow-destructive", "acme.profile_traits"]).fine();

    // A view that loses a column is dropped and made again.
    project.change(&format!(
        "{}ignore: [identifies.fax]\n",
        text.replace("    fax: varchar\n", "").replace("models:", "  null_means: unset\nmodels:")
    ));
    new(&project);
    let shown = finish(project.command("plan", &["--format", "sql"])).exits(1).stdout;
    assert!(shown.contains("DROP VIEW IF EXISTS acme.identifies_resolved;"), "{shown}");
    database.client().batch_execute("GRANT SELECT ON acme.identifies_resolved TO PUBLIC").unwrap();
    let plan = json(&project);
    let risks = plan["risks"].as_array().expect("a list").iter();
    let mut destructive = risks.filter(|one| one["kind"] == "destructive");
    assert!(destructive.all(|one| one["object"] != "acme.identifies_resolved"), "{plan:#}");
    let command = plan["command"].as_str().expect("a command");
    let options: Vec<&str> =
        command.split(" --").filter_map(|word| word.strip_prefix("allow-destructive ")).collect();
    let options: Vec<&str> =
        options.iter().flat_map(|object| ["--allow-destructive", object]).collect();
    project.apply(&options).fine();
    let granted = "has_table_privilege('public', 'acme.identifies_resolved', 'SELECT')";
    let granted = format!("SELECT {granted}");
    assert!(database.client().query_one(&granted, &[]).unwrap().get::<_, bool>(0));
    plan_is_empty(&project);
}

fn plan_is_empty(project: &Project) {
    let run = plan(project, &[]).fine();
    assert!(run.stdout.ends_with("There is nothing to apply.\n"), "{}", run.stdout);
}

#[test]
fn differences_of_the_live_catalog_are_found_and_those_that_are_none_are_not() {
    let database = Database::new();
    let project = made(&database, BEFORE);
    plan_is_empty(&project);
    let by_hand = "ALTER TABLE acme.identifies ADD COLUMN color text, ADD COLUMN context_ip text, ADD COLUMN __x text;
        ALTER TABLE acme.profile_traits ALTER COLUMN visits TYPE numeric;
        ALTER TABLE acme.external_id_mapping DROP COLUMN timestamp;
        DROP TABLE acme.id_graph;
        CREATE VIEW acme.id_graph AS SELECT 1 AS x";
    database.client().batch_execute(by_hand).expect("changes");
    let plan = json(&project);
    let found: Vec<(String, String)> = plan["drift"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (one["object"].as_str().unwrap().to_owned(), one["kind"].as_str().unwrap().to_owned())
        })
        .collect();
    let wanted = [
        ("acme.identifies.color", "new_trait"),
        ("acme.id_graph", "foreign"),
        ("acme.id_graph", "other_kind"),
        ("acme.external_id_mapping.timestamp", "missing"),
        ("acme.profile_traits.visits", "other_type"),
    ];
    assert_eq!(found, wanted.map(|(object, kind)| (object.to_owned(), kind.to_owned())));
}

#[test]
fn no_secret_is_in_what_is_printed() {
    let database = Database::new();
    let project = made(&database, BEFORE);
    project.change(&BEFORE.replace("    fax", "    plan: varchar\n    fax"));
    new(&project);
    for format in ["text", "markdown", "json"] {
        let run = plan(&project, &["--format", format]).exits(1);
        for part in [database.url().as_str(), "postgres://", "password"] {
            assert!(!run.stdout.contains(part) && !run.stderr.contains(part), "{part}");
        }
    }
}

#[test]
fn the_text_is_as_it_was_read() {
    let database = Database::new();
    let project = made(&database, BEFORE);
    let text =
        BEFORE.replace("fax: varchar", "plan: varchar").replace("visits: integer", "visits: float");
    project.change(&text);
    new(&project);
    let found = plan_text(&project);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan/postgres.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &found).expect("write");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "tests/plan/postgres.txt differs; UPDATE=1 writes it");
}

#[test]
fn after_an_apply_there_is_nothing_to_do_and_no_view_is_replaced() {
    let database = Database::new();
    let text = "space: acme
dialects: [postgres]
traits: { columns: { email: varchar } }
events: { Order Completed: { properties: { total: float } } }
models: { user_traits: { materialized: view, name: long_traits }, resolved_events: {} }
";
    let project = Project::new(text, database.url());
    project.apply(&[]).fine();
    let run = plan(&project, &[]).fine();
    assert_eq!(
        run.stdout,
        "warehouse is built without migrations: nothing to do.\n\n\
         To bring the rows up to date: idgraph apply --target warehouse\n"
    );
    let verbose = plan(&project, &["--verbose"]).fine().stdout;
    assert!(!verbose.contains("CREATE OR REPLACE VIEW"), "{verbose}");
    let run = project.apply(&[]).fine();
    assert!(!run.stderr.contains("replaced"), "{}", run.stderr);
    let mut client = database.client();
    let columns: String = client
        .query_one("SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'acme.order_completed_resolved'::regclass AND attnum > 0", &[])
        .unwrap()
        .get(0);
    client
        .batch_execute(&format!(
            "CREATE OR REPLACE VIEW acme.order_completed_resolved AS SELECT {columns}"
        ))
        .unwrap();
    let run = plan(&project, &[]).exits(1);
    assert!(run.stdout.contains("acme.order_completed_resolved  view replaced"), "{}", run.stdout);
    assert!(!run.stdout.contains("acme.long_traits"), "{}", run.stdout);
    project.apply(&[]).fine().says(&["acme.order_completed_resolved", "replaced in"]);
    plan(&project, &[]).fine();
}

#[test]
fn a_view_that_a_migration_made_over_segments_types_is_as_it_should_be() {
    let database = Database::new();
    let project = Project::new(
        "space: acme\ndialects: [postgres]\ntraits: { columns: { email: varchar } }\nmodels: { resolved_events: {} }\n",
        database.url(),
    );
    let landed =
        "CREATE SCHEMA acme; CREATE TABLE acme.identifies (id varchar(512), segment_id varchar,
        timestamp timestamp, received_at timestamp, uuid_ts timestamp, email varchar(64))";
    database.client().batch_execute(landed).unwrap();
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply_alone(&[]).fine();
    let plan = finish(project.command("plan", &[])).fine();
    assert!(!plan.stdout.contains("put it back by hand"), "{}", plan.stdout);
}
