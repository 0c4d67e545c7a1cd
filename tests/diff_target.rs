//! `idgraph diff --target` on SQLite: what runs there is known by its ledger and what was recorded with each migration, or by its
//! tables. Nothing of its rows is told, and nothing changes.

#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;
#[path = "support/landed.rs"]
mod landed;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;

use command::{Run, finish, idgraph};
use git::git;
use serde_json::Value;
use sqlite::{Project, land};

const BEFORE: &str = "space: acme
dialects: [snowflake, sqlite]
traits:
  columns:
    email: varchar
    plan: varchar
events:
  Order Completed: { properties: { total: integer } }
models:
  user_traits: { materialized: view, name: long_traits }
  resolved_events: {}
";

fn after() -> String {
    BEFORE.replace("    plan: varchar\n", "    is_vip: boolean\n    plan: varchar\n")
}

fn diff(project: &Project, further: &[&str]) -> Run {
    finish(project.command("diff", further))
}

fn review(project: &Project) -> Value {
    let run = diff(project, &["--format", "json"]).exits(1);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn new(project: &Project, name: &str) {
    idgraph(project.folder(), &["migrate", "new", name]).fine();
}

/// The objects that differ, each with what happens to it.
fn objects(review: &Value) -> Vec<(String, String)> {
    let text = |one: &Value, key: &str| one[key].as_str().expect("text").to_owned();
    let objects = review["objects"].as_array().expect("objects").iter();
    objects.map(|one| (text(one, "name"), text(one, "what"))).collect()
}

fn pair(name: &str, what: &str) -> (String, String) {
    (name.to_owned(), what.to_owned())
}

/// At its first migration, which git knows.
fn made() -> Project {
    let project = Project::new(BEFORE);
    new(&project, "initial");
    project.apply(&[]).fine();
    git(project.folder(), &["init", "-q"]);
    git(project.folder(), &["add", "idgraph.yml", "migrations"]);
    git(project.folder(), &["commit", "-qm", "one"]);
    project
}

#[test]
fn what_a_migration_left_is_the_same_though_not_all_of_it_has_landed() {
    let text = "space: acme\ndialects: [sqlite]\ntraits: { columns: { email: varchar, plan: varchar } }\n\
        context: [url]\nmodels: { resolved_events: {} }\n";
    let project = Project::new(text);
    project.run("CREATE TABLE id_graph_updates (id text, segment_id text, canonical_segment_id text, timestamp text, uuid_ts text);
        CREATE TABLE identifies (id text, segment_id text, timestamp text, uuid_ts text, email text);");
    finish(project.command("introspect", &[])).fine();
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply_alone(&[]).fine();
    finish(project.command("diff", &[])).fine();
    finish(project.command("plan", &[])).fine();
}

#[test]
fn a_target_that_ran_all_migrations_differs_in_nothing() {
    let project = made();
    diff(&project, &[]).fine().says(&["compared with local at 0001_initial: no difference"]);
    // In other order than the columns of the tables that were there.
    project.change(&after());
    new(&project, "add_is_vip");
    project.apply(&[]).fine();
    diff(&project, &[]).fine().says(&["compared with local at 0002_add_is_vip: no difference"]);
}

#[test]
fn a_target_is_compared_as_it_was_recorded_with_its_last_migration() {
    let project = made();
    project.change(&after().replace("traits:\n", "traits:\n  null_means: unset\n"));
    new(&project, "second");
    let review = review(&project);
    let objects = objects(&review);
    for expected in [
        pair("acme.identifies", "changed"),
        pair("acme.profile_traits", "rebuilt"),
        pair("acme.identifies_resolved", "changed"),
    ] {
        assert!(objects.contains(&expected), "{expected:?} is not in {objects:?}");
    }
    assert_eq!(review["dialect"], "sqlite", "the target's, not the project's first");
    let migrations = review["migrations"].as_array().expect("migrations");
    assert_eq!(migrations.len(), 1, "those that it has not run: {migrations:#?}");
    assert_eq!(migrations[0]["file"], "migrations/sqlite/0002_second.sql");
    let files = review["files"].as_array().expect("files");
    assert!(files.iter().all(|file| file["dialect"] == "sqlite") && !files.is_empty());
    // A change that no migration has yet.
    project.apply(&["--allow-destructive", "acme.profile_traits"]).fine();
    project.change(BEFORE);
    diff(&project, &["--format", "markdown"]).exits(1);
    let shown = diff(&project, &[]).exits(1).stdout;
    assert!(shown.contains("none yet: idgraph migrate new writes it"), "{shown}");
}

/// Of several migrations in the history, what was recorded with the one that the target ran last.
#[test]
fn the_record_is_that_of_the_targets_own_migration() {
    let project = made();
    let commit = |text: &str, name: &str| {
        project.change(text);
        new(&project, name);
        git(project.folder(), &["add", "idgraph.yml", "migrations"]);
        git(project.folder(), &["commit", "-qm", name]);
    };
    commit(&after(), "second");
    commit(&after().replace("    email: varchar\n", ""), "third");
    let review = review(&project);
    let traits = review["objects"].as_array().expect("objects").iter();
    let traits = traits.clone().find(|one| one["name"] == "acme.profile_traits").expect("it");
    let columns = traits["columns"].as_array().expect("columns").iter();
    let columns: Vec<&Value> = columns.map(|column| &column["name"]).collect();
    assert_eq!(columns, ["is_vip", "email"], "{traits:#}");
    assert_eq!(review["migrations"].as_array().map(Vec::len), Some(2));
}

/// What a record does not hold is no difference.
#[test]
fn a_setting_that_is_not_recorded_is_no_difference() {
    let text = BEFORE.replace(
        "models:\n",
        "incremental: { lookback: 5d }\nmodels:\n  id_graph: { materialized: incremental }\n",
    );
    let project = Project::new(&text);
    new(&project, "initial");
    project.apply(&[]).fine();
    diff(&project, &[]).fine().says(&["no difference"]);
}

/// Without the history nobody knows what the SQL was, and the tables say what they hold.
#[test]
fn a_target_that_nothing_recorded_is_known_by_its_tables() {
    let project = made();
    let text = after().replace("  resolved_events: {}\n", "");
    project.change(&text);
    new(&project, "second");
    project.change(&text.replace("total: integer", "total: float"));
    fs::remove_dir_all(project.folder().join(".git")).expect("remove");
    let by_tables = || {
        let mut command = project.command("diff", &["--format", "json"]);
        command.env("GIT_CEILING_DIRECTORIES", "/");
        finish(command)
    };
    let run = by_tables().exits(1).says(&["local at 0001_initial, by its tables alone"]);
    let known: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let found = objects(&known);
    // Of a landed table: another type of what is there, and not what Segment adds with its first value.
    assert!(!found.contains(&pair("acme.identifies", "changed")), "{found:?}");
    for expected in [
        pair("acme.order_completed", "changed"),
        pair("acme.profile_traits", "changed"),
        pair("acme.identifies_resolved", "removed"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
    }
    assert_eq!(known["files"], Value::Array(Vec::new()), "nobody knows the SQL that made it");
    assert_eq!(known["migrations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn without_migrations_what_stands_there_is_compared() {
    let project = Project::new(BEFORE);
    let everything = diff(&project, &["--format", "json"]).exits(1);
    let everything: Value = serde_json::from_str(&everything.stdout).expect("JSON");
    assert!(objects(&everything).iter().all(|(_, what)| what == "added"));
    project.apply(&[]).fine();
    diff(&project, &[]).fine().says(&["local, by its tables alone: no difference"]);
    let other = after()
        .replace(
            "user_traits: { materialized: view, name: long_traits }",
            "user_traits: { name: long_traits }",
        )
        .replace("    email: varchar\n", "")
        .replace("total: integer", "total: float");
    project.change(&other);
    let review = review(&project);
    let of = |name: &str| {
        let all = review["objects"].as_array().expect("objects").iter();
        all.clone().find(|one| one["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(of("acme.long_traits")["reasons"][0], "view → table");
    let traits = of("acme.profile_traits");
    let columns = traits["columns"].as_array().expect("columns").iter();
    let columns: Vec<(&Value, &Value)> =
        columns.map(|column| (&column["what"], &column["name"])).collect();
    assert_eq!(
        columns,
        [(&"added".into(), &"is_vip".into()), (&"dropped".into(), &"email".into())]
    );
    assert_eq!(of("acme.order_completed")["columns"][0]["what"], "retyped");
}

#[test]
fn what_segment_made_and_what_others_made_is_not_idgraphs_to_change() {
    let project = Project::new(BEFORE);
    // A landed table by Segment, which has no column for what was never sent, and words of its own for types.
    project.run(
        "CREATE TABLE identifies (id varchar, segment_id varchar, timestamp text, uuid_ts text, email varchar);
         CREATE TABLE profile_traits (canonical_segment_id text);",
    );
    let found = objects(&review(&project));
    assert!(!found.contains(&pair("acme.identifies", "changed")), "{found:?}");
    assert!(found.contains(&pair("acme.profile_traits", "added")), "others made it: {found:?}");
}

/// A target's own tables say how long others wait, and what is passed over.
#[test]
fn with_a_target_the_rows_behind_a_lock_are_known() {
    let project = made();
    land(&project.open(), 3, "@one");
    project.change(&after());
    new(&project, "second");
    let with = review(&project);
    assert_eq!(with["rows_from"], "counted");
    let risks = with["migrations"][0]["risks"].as_array().expect("risks").clone();
    let lock = risks.iter().find(|one| one["object"] == "acme.profile_traits").expect("a lock");
    assert!(lock["seconds"].is_number(), "{lock}");
    let shown = diff(&project, &[]).exits(1).stdout;
    assert!(shown.contains("Rows are counted."), "{shown}");
    assert!(shown.contains("write lock on acme.profile_traits"), "{shown}");
    // A table that Segment made is passed over.
    project.run(
        "DROP VIEW long_traits; DROP VIEW identifies_resolved; DROP TABLE identifies;
         CREATE TABLE identifies (id text, segment_id text, timestamp text, uuid_ts text, email text);",
    );
    let shown = diff(&project, &[]).exits(1).stdout;
    assert!(shown.contains("write lock on acme.profile_traits"), "{shown}");
}

/// Rows of a database never leave it: neither with a target, nor where fixtures are played beside one that has rows.
#[test]
fn no_row_of_a_target_is_ever_told_and_nothing_changes() {
    let project = made();
    land(&project.open(), 5, "-live-row");
    project.refresh(&[]).fine();
    project.run(
        "UPDATE profile_traits SET email = 'someone-live-row@example.com', plan = 'plan-live-row'",
    );
    project.change(&after().replace("traits:\n", "traits:\n  null_means: unset\n"));
    new(&project, "second");
    let fixtures = project.folder().join("fixtures");
    fs::create_dir(&fixtures).expect("a folder");
    let fixture = "batches:
  - land: { identifies: [{ segment_id: p, plan: pro, timestamp: 2022-01-01 }] }
    expect: { profile_traits: [{ plan: pro }] }
  - land: { identifies: [{ segment_id: p, email: x, timestamp: 2022-01-02 }] }
";
    fs::write(fixtures.join("one.yml"), fixture).expect("write");
    let before = (project.dump(), project.files());
    let live = "live-row";
    for format in ["text", "markdown", "json", "github", "gitlab"] {
        for run in [
            diff(&project, &["--format", format]).exits(1),
            idgraph(project.folder(), &["diff", "main", "--rows", "--format", format]).exits(1),
        ] {
            assert!(!run.stdout.contains(live) && !run.stderr.contains(live), "{}", run.stdout);
        }
    }
    // The rows are there to be told.
    assert!(
        project
            .open()
            .query_row(
                "SELECT count(*) FROM profile_traits WHERE email LIKE '%live-row%'",
                [],
                |row| row.get::<_, i64>(0)
            )
            .expect("rows")
            > 0
    );
    assert_eq!(before, (project.dump(), project.files()));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let project = made();
    idgraph(project.folder(), &["diff", "--target", "nowhere"]).exits(2).says(&["nowhere"]);
    for other in [&["main"][..], &["--base", "."], &["--rows"]] {
        diff(&project, other).exits(2).says(&["cannot be used with"]);
    }
    // The target is ahead of this state of the project.
    project.change(&after());
    new(&project, "second");
    project.apply(&[]).fine();
    git(project.folder(), &["checkout", "-q", "--", "."]);
    git(project.folder(), &["clean", "-fdq", "migrations"]);
    diff(&project, &[]).exits(2).says(&["migration-missing", "0002_second"]);
}
