//! `idgraph plan` on SQLite: what it says in each format, each kind of difference, its exit codes, and that it leaves
//! nothing behind. `UPDATE=1 cargo test --test plan` writes what it says; read the difference.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;
#[path = "support/migrations.rs"]
mod migrations;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;
use std::path::Path;

use command::{Run, finish, idgraph};
use serde_json::Value;
use sqlite::{Project, land};

const BEFORE: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    email: varchar
    fax: varchar
";

const AFTER: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    email: varchar
    plan: varchar
events:
  Order Completed: { properties: { total: float } }
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

/// A database at its first migration.
fn made() -> Project {
    let project = Project::new(BEFORE);
    new(&project);
    project.apply(&[]).fine();
    project
}

/// The same, with a second migration to run and a difference.
fn changed() -> Project {
    let project = made();
    land(&project.open(), 3, "@one");
    project.run("ALTER TABLE identifies ADD COLUMN favorite_color text");
    project.change(AFTER);
    new(&project);
    project
}

#[track_caller]
fn assert_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, found).expect("write");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "tests/plan/{name} differs; UPDATE=1 writes it");
}

#[test]
fn each_format_is_as_it_was_read() {
    let project = changed();
    for (format, file) in [("text", "small.txt"), ("markdown", "small.md"), ("json", "small.json")]
    {
        let run = plan(&project, &["--format", format]).exits(1);
        assert_eq!(run.stderr, "");
        assert_golden(file, &run.stdout);
        assert!(!run.stdout.contains("@one") && !run.stdout.contains("p1"), "no rows are shown");
    }
}

/// The statements of a dry run, the bookkeeping left out.
fn dry_run(project: &Project, further: &[&str]) -> Vec<String> {
    let run = project.apply_alone(&[&["--dry-run"], further].concat()).fine();
    let statements = run.stdout.split(";\n\n").map(str::to_owned);
    let is_ours = |sql: &String| {
        !sql.contains("idgraph_migrations")
            && !["", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].contains(&sql.trim())
    };
    statements.filter(is_ours).collect()
}

fn planned(plan: &Value) -> Vec<String> {
    let files = plan["pending"].as_array().expect("files");
    let statements = files.iter().flat_map(|file| file["statements"].as_array().expect("all"));
    statements.map(|one| one["sql"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn the_sql_is_what_apply_runs() {
    let project = changed();
    let planned = planned(&json(&project));
    assert!(planned.len() > 2, "{planned:?}");
    assert_eq!(planned, dry_run(&project, &["--allow-destructive", "acme.profile_traits.fax"]));
    let short = plan(&project, &[]).stdout;
    assert!(short.contains("add --verbose; for the SQL alone, --format sql."), "{short}");
    assert!(!short.contains("ALTER TABLE"), "{short}");
    let verbose = plan(&project, &["--verbose"]).stdout;
    assert!(planned.iter().all(|sql| verbose.contains(&format!("{sql};\n"))), "{verbose}");
    let text = plan(&project, &["--format", "sql"]).stdout;
    let mut rest = text.as_str();
    for sql in &planned {
        let at = rest.find(&format!("{sql};\n\n")).unwrap_or_else(|| panic!("{sql}"));
        rest = &rest[at + sql.len()..];
    }
    let markdown = plan(&project, &["--format", "markdown"]).stdout;
    assert!(planned.iter().all(|sql| markdown.contains(&format!("{sql};\n"))));
}

#[test]
fn without_migrations_the_sql_is_what_apply_runs_too() {
    let project = Project::new(BEFORE);
    let first = json(&project);
    assert_eq!((&first["to_do"], &first["migrations"]), (&true.into(), &false.into()));
    assert_eq!(planned(&first), dry_run(&project, &[]));
    assert_eq!(first["command"], "idgraph apply --target local");
    assert!(!project.file().exists(), "plan makes no file");
    project.apply(&[]).fine();
    let run = plan(&project, &[]).fine();
    assert_eq!(
        run.stdout,
        "local is built without migrations: nothing to do.\n\n\
         To bring the rows up to date: idgraph apply --target local\n"
    );
    assert!(
        plan(&project, &["--verbose"]).stdout.contains("acme.id_graph             rebuilt"),
        "{}",
        plan(&project, &["--verbose"]).stdout
    );
    project.change(
        &AFTER.replace("events:\n  Order Completed: { properties: { total: float } }\n", ""),
    );
    let changed = json(&project);
    assert_eq!(planned(&changed), dry_run(&project, &[]));
    plan(&project, &[]).exits(1);
    let traits = object(&changed, "objects", "acme.profile_traits");
    assert_eq!(traits["happens"], "altered");
    // The trait that is gone stays as a column, which apply leaves.
    assert_eq!(object(&changed, "drift", "acme.profile_traits.fax")["kind"], "added");
}

/// The one of a list that is about an object.
#[track_caller]
fn object(plan: &Value, list: &str, name: &str) -> Value {
    let all = plan[list].as_array().expect("a list");
    let found = all.iter().find(|one| one["object"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {list}: {plan:#}")).clone()
}

#[test]
fn nothing_to_do_is_zero_something_is_one_and_what_cannot_be_is_two() {
    let project = made();
    let run = plan(&project, &[]).fine();
    assert_eq!(
        run.stdout,
        "local is at 0001_initial: nothing to do.\n\nThere is nothing to apply.\n"
    );
    project.change(AFTER);
    new(&project);
    plan(&project, &[]).exits(1);
    project.apply(&["--allow-destructive", "acme.profile_traits.fax"]).fine();
    // What the project has lost lands all the same.
    project.change(&format!("{AFTER}ignore: [identifies.fax]\n"));
    plan(&project, &[]).fine();
    project.run("ALTER TABLE identifies ADD COLUMN color text");
    plan(&project, &[]).exits(1);
    finish(project.command("plan", &["--target", "nowhere"])).exits(2);
    let file = migrations::folder(project.folder(), "sqlite").join("0001_initial.sql");
    let text = fs::read_to_string(&file).expect("a file");
    fs::write(&file, text + "-- edited\n").expect("write");
    let run = plan(&project, &[]).exits(2).says(&["error[migration-edited]"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn nothing_is_left_behind_and_nothing_is_changed() {
    let project = Project::new(BEFORE);
    new(&project);
    let files = project.files();
    plan(&project, &[]).exits(1);
    assert_eq!(project.files(), files);
    let project = changed();
    let (files, bytes) = (project.files(), fs::read(project.file()).expect("a file"));
    plan(&project, &[]).exits(1);
    assert_eq!(project.files(), files);
    assert_eq!(fs::read(project.file()).expect("a file"), bytes);
}

#[test]
fn each_kind_of_difference_is_found_with_what_to_do() {
    for (sql, name, kind, fix) in [
        (
            "ALTER TABLE identifies ADD COLUMN age integer",
            "acme.identifies.age",
            "new_trait",
            "add `age: integer` to `traits.columns`",
        ),
        (
            "ALTER TABLE order_completed ADD COLUMN coupon text",
            "acme.order_completed.coupon",
            "new_property",
            "add `coupon: varchar` to the `properties` of `order_completed` under `events`",
        ),
        ("DROP TABLE profile_traits", "acme.profile_traits", "missing", "put it back by hand"),
        (
            "ALTER TABLE profile_traits DROP COLUMN plan",
            "acme.profile_traits.plan",
            "missing",
            "put it back by hand",
        ),
        (
            "ALTER TABLE profile_traits ADD COLUMN note text",
            "acme.profile_traits.note",
            "added",
            "idgraph leaves it as it is",
        ),
        (
            "ALTER TABLE profile_traits DROP COLUMN plan; ALTER TABLE profile_traits ADD COLUMN plan blob",
            "acme.profile_traits.plan",
            "other_type",
            "put it back by hand",
        ),
        (
            "ALTER TABLE order_completed DROP COLUMN total; ALTER TABLE order_completed ADD COLUMN total text",
            "acme.order_completed.total",
            "other_type",
            "write that type in the project file",
        ),
        (
            "DROP TABLE id_graph; CREATE TABLE id_graph
                (segment_id text, canonical_segment_id text, timestamp text)",
            "acme.id_graph",
            "foreign",
            "--adopt acme.id_graph",
        ),
        (
            "DROP TABLE id_graph; CREATE VIEW id_graph AS\n-- Built by idgraph.\nSELECT 1 AS x",
            "acme.id_graph",
            "other_kind",
            "put it back by hand",
        ),
    ] {
        let project = Project::new(AFTER);
        new(&project);
        project.apply(&[]).fine();
        plan(&project, &[]).fine();
        project.run(sql);
        let found = json(&project);
        let one = object(&found, "drift", name);
        assert_eq!(one["kind"], kind, "{sql}: {found:#}");
        assert!(one["fix"].as_str().expect("a fix").contains(fix), "{one:#}");
        assert_eq!(found["drift"].as_array().map(Vec::len), Some(1), "{sql}: {found:#}");
        let text = plan(&project, &[]).exits(1).stdout;
        assert!(text.contains(one["message"].as_str().expect("a message")), "{text}");
        assert_eq!(found["command"], Value::Null, "nothing is pending");
    }
}

#[test]
fn a_view_that_shows_a_landed_column_of_another_type_is_no_second_difference() {
    let project = Project::new(&format!("{AFTER}models:\n  resolved_events: {{}}\n"));
    project.land_tables();
    project.run("ALTER TABLE order_completed DROP COLUMN total; ALTER TABLE order_completed ADD COLUMN total text");
    new(&project);
    project.apply(&[]).fine();
    let found = json(&project);
    object(&found, "drift", "acme.order_completed.total");
    assert_eq!(found["drift"].as_array().map(Vec::len), Some(1), "{found:#}");
}

#[test]
fn a_landed_table_that_is_gone_is_one_that_has_not_landed() {
    let project = Project::new(AFTER);
    new(&project);
    project.apply(&[]).fine();
    project.run("DROP TABLE identifies");
    let found = json(&project);
    assert_eq!(found["not_landed"], serde_json::json!(["acme.identifies"]));
    assert_eq!((&found["drift"], &found["to_do"]), (&serde_json::json!([]), &false.into()));
    let text = plan(&project, &[]).fine().stdout;
    assert!(
        text.contains("so NULL until Segment adds it with its first value\n  acme.identifies\n"),
        "{text}"
    );
}

#[test]
fn names_of_segments_own_are_no_new_traits() {
    let project = made();
    for name in ["context_locale", "__operation", "j_hidden_entry", "merged_to", "seq", "user_ID"] {
        let _ =
            project.open().execute_batch(&format!("ALTER TABLE identifies ADD COLUMN {name} text"));
        let _ = project
            .open()
            .execute_batch(&format!("ALTER TABLE id_graph_updates ADD COLUMN {name}_2 text"));
    }
    let found = json(&project);
    let names: Vec<_> =
        found["drift"].as_array().expect("a list").iter().map(|one| &one["object"]).collect();
    assert_eq!(names, ["acme.identifies.seq"], "only profile_traits_updates has a seq of its own");
}

#[test]
fn a_landed_column_that_the_project_has_given_up_lands_on_until_it_is_ignored() {
    let project = made();
    let without = BEFORE.replace("    fax: varchar\n", "");
    project.change(&without);
    new(&project);
    project.apply(&["--allow-destructive", "acme.profile_traits.fax"]).fine();
    plan(&project, &[]).exits(1);
    let found = json(&project);
    let fax = object(&found, "drift", "acme.identifies.fax");
    assert_eq!(fax["kind"], "new_trait");
    let fix = fax["fix"].as_str().expect("a fix");
    assert!(fix.ends_with("if it is not wanted, add `identifies.fax` to `ignore`"), "{fix}");
    assert_eq!(found["drift"].as_array().map(Vec::len), Some(1), "{found:#}");
    project.change(&format!("{without}ignore: [identifies.fax]\n"));
    plan(&project, &[]).fine();
}

#[test]
fn a_view_whose_column_has_no_type_of_its_own_is_no_difference() {
    let project = Project::new(&format!("{BEFORE}models:\n  resolved_events: {{}}\n"));
    new(&project);
    project.apply(&[]).fine();
    plan(&project, &[]).fine();
}

#[test]
fn a_renamed_space_runs_nothing_in_the_old_one() {
    let project = made();
    project.change(&BEFORE.replace("space: acme", "space: other"));
    for run in [plan(&project, &[]), project.apply(&[])] {
        let said = run.exits(2).stderr;
        assert!(
            said.contains("error[schema-renamed]: `space` was `acme` and is `other` now"),
            "{said}"
        );
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
    project.change(&BEFORE.replace("space: acme", "space: acme\nmodels_schema: built"));
    let said = project.apply(&[]).exits(2).stderr;
    assert!(said.contains("`models_schema` was `acme` and is `built` now"), "{said}");
}

#[test]
fn what_is_ignored_is_no_difference() {
    let project = made();
    project.run("ALTER TABLE identifies ADD COLUMN nickname text");
    let found = json(&project);
    let fix = found["drift"][0]["fix"].as_str().expect("a fix");
    assert!(fix.ends_with("if it is not wanted, add `identifies.nickname` to `ignore`"), "{fix}");
    project.change(&format!("{BEFORE}ignore: [identifies.Nickname]\n"));
    plan(&project, &[]).fine();
    // Only what is named, and only in its table.
    project.change(&format!("{BEFORE}ignore: [identifies.nick, debug.nickname]\n"));
    plan(&project, &[]).exits(1);
    project.change(&format!("{BEFORE}ignore: ['*.nickname']\n"));
    plan(&project, &[]).fine();
    fs::remove_dir_all(project.folder().join("migrations")).unwrap();
    plan(&project, &[]).fine();
}

#[test]
fn a_project_that_is_ahead_of_its_migrations_says_so_first() {
    let project = made();
    project.change(&BEFORE.replace("fax: varchar", "fax: varchar\n    plan: varchar"));
    let text = plan(&project, &[]).exits(1).stdout;
    let first = "local is at 0001_initial: 1 change has no migration.\n\n\
        The project has changed without a migration\n  new column plan\n\
        \x20 Apply would not do this. Write it first: `idgraph migrate new`, then commit its files and plan again.\n";
    assert!(text.starts_with(first), "{text}");
    assert!(
        text.ends_with("\nThere is nothing to apply until the migration is written.\n"),
        "{text}"
    );
    let comment = plan(&project, &["--format", "markdown"]).exits(1).stdout;
    let (head, _) = comment.split_once("`idgraph migrate new`").expect("what to do");
    assert!(head.contains("**local is at 0001\\_initial: 1 change has no migration.**"), "{head}");
    assert!(
        head.contains("#### The project has changed without a migration\n\n- new column plan\n")
    );
    let found = json(&project);
    assert_eq!(
        (&found["unwritten"], &found["to_do"]),
        (&serde_json::json!(["new column plan"]), &true.into())
    );
    new(&project);
    assert_eq!(json(&project)["unwritten"], serde_json::json!([]));
    project.apply(&[]).fine();
    plan(&project, &[]).fine();
    // A change that no table shows is one as well.
    project.change(&format!("{BEFORE}    plan: varchar\n  null_means: unset\n"));
    assert_ne!(json(&project)["unwritten"], serde_json::json!([]));
}

#[test]
fn a_folder_without_a_migration_is_half_made() {
    let project = Project::new(BEFORE);
    fs::create_dir_all(project.folder().join("migrations/sqlite")).unwrap();
    let run = command::idgraph(project.folder(), &["plan", "--target", "local"]);
    run.exits(2).says(&["error[migrations-half-made]", "run `idgraph migrate new`"]);
}

#[test]
fn what_is_pending_is_no_difference_and_what_has_not_landed_is_told_apart() {
    let project = made();
    let segments = "DROP TABLE identifies; CREATE TABLE identifies (id text, received_at text, uuid_ts text, \
        timestamp text, segment_id text, event_source_id text, event_id text, anonymous_id text, user_id text, \
        sent_at text, original_timestamp text, email text)";
    project.run(segments);
    let found = json(&project);
    assert_eq!(found["not_landed"], serde_json::json!(["acme.identifies.fax"]));
    assert_eq!((&found["drift"], &found["to_do"]), (&serde_json::json!([]), &false.into()));
    project.change(AFTER);
    new(&project);
    let found = json(&project);
    assert_eq!(found["drift"], serde_json::json!([]), "{found:#}");
    // The table is Segment's, so nobody adds the column to it: what reads it reads NULL, and what is shown is what runs.
    assert_eq!(
        found["not_landed"],
        serde_json::json!(["acme.identifies.plan", "acme.order_completed"])
    );
    assert_eq!(found["in_the_way"], serde_json::json!([]));
    let shown = plan(&project, &["--verbose"]).exits(1).stdout;
    let instead =
        "FROM (SELECT landed.*, CAST(NULL AS text) AS plan FROM acme.identifies AS landed) AS t";
    assert!(shown.contains(instead), "{shown}");
    project.apply(&["--allow-destructive", "acme.profile_traits.fax"]).fine();
    let found = json(&project);
    assert_eq!((&found["drift"], &found["to_do"]), (&serde_json::json!([]), &false.into()));
}

#[test]
fn what_others_made_in_the_way_of_a_migration_is_shown_with_the_way_out() {
    let project = made();
    project.change(AFTER);
    new(&project);
    project.run(
        "DROP TABLE profile_traits;
         CREATE TABLE profile_traits (canonical_segment_id text, email text, fax text, merged_to text)",
    );
    let found = json(&project);
    assert_eq!(found["in_the_way"][0]["code"], "not-ours");
    assert_eq!(object(&found, "drift", "acme.profile_traits")["kind"], "foreign");
    assert_eq!(found["command"], Value::Null);
}

#[test]
fn what_is_taken_away_is_named_with_the_option_that_allows_it() {
    let project = changed();
    let found = json(&project);
    let risk = object(&found, "risks", "acme.profile_traits.fax");
    assert_eq!(risk["kind"], "destructive");
    assert_eq!(risk["option"], "--allow-destructive acme.profile_traits.fax");
    assert_eq!(
        found["command"],
        "idgraph apply --target local --allow-destructive acme.profile_traits.fax"
    );
    project.apply(&["--allow-destructive", "acme.profile_traits.fax"]).fine();
    plan(&project, &[]).exits(1);
}

#[test]
fn a_file_without_a_transaction_is_a_risk_and_is_gone_on_with() {
    let project = made();
    let add = "ALTER TABLE acme.profile_traits ADD COLUMN twice text;\n";
    let text = format!("-- idgraph: no-transaction\n{add}{add}");
    migrations::write(project.folder(), "sqlite", &[("0002_apart.sql", &text)]);
    let found = json(&project);
    let risks = found["risks"].as_array().expect("a list");
    assert!(risks.iter().any(|one| one["kind"] == "no_transaction"), "{found:#}");
    assert_eq!((&found["pending"][0]["done"], planned(&found).len()), (&0.into(), 2));
    project.apply(&[]).exits(2);
    let found = json(&project);
    assert_eq!((&found["pending"][0]["done"], planned(&found).len()), (&1.into(), 1));
    let text = plan(&project, &[]).stdout;
    assert!(text.contains("1 statement, each by itself, going on after statement 1"), "{text}");
}

#[test]
fn a_rebuild_is_told_from_rows_that_are_written() {
    let project =
        Project::new(&format!("{BEFORE}models:\n  user_traits: {{ name: long_traits }}\n"));
    new(&project);
    project.apply(&[]).fine();
    let happens = |text: &str| {
        project.change(text);
        new(&project);
        let found = json(&project);
        ["acme.profile_traits", "acme.long_traits"].map(|name| {
            object(&found, "objects", name)["happens"].as_str().expect("a word").to_owned()
        })
    };
    let more =
        format!("{}    more: varchar\nmodels:\n  user_traits: {{ name: long_traits }}\n", BEFORE);
    assert_eq!(happens(&more), ["filled", "written"]);
    project.apply(&[]).fine();
    let unset = more.replace("models:", "  null_means: unset\nmodels:");
    assert_eq!(happens(&unset), ["rebuilt", "rebuilt"]);
}

#[test]
fn a_comment_stays_within_what_github_takes() {
    let project = Project::new(BEFORE);
    let columns: String = (0..3000).map(|at| format!("    column_{at} integer,\n")).collect();
    let table =
        format!("CREATE TABLE acme.wide (\n    -- Built by idgraph.\n{columns}    x integer\n);\n");
    let tables: String =
        (0..99).map(|at| format!("CREATE TABLE acme.t{at} (x integer);\n")).collect();
    let files = [("0001_wide.sql", table.as_str()), ("0002_many.sql", &tables)];
    migrations::write(project.folder(), "sqlite", &files);
    let run = plan(&project, &["--format", "markdown"]).exits(1);
    assert!(run.stdout.chars().count() < 65_536, "{}", run.stdout.len());
    assert!(
        run.stdout.contains("Too long for a comment")
            && run.stdout.contains("more: `idgraph plan`")
    );
    assert!(run.stdout.contains("CREATE TABLE acme.t98"), "what fits is there");
}

#[test]
fn what_to_do_stands_below_a_list_however_long() {
    let project = made();
    let traits: String = (0..60).map(|at| format!("    trait_{at}: varchar\n")).collect();
    project.change(&format!("{BEFORE}{traits}"));
    let comment = plan(&project, &["--format", "markdown"]).exits(1).stdout;
    let (list, rest) = comment.split_once("… and 20 more").expect("a list that is cut");
    assert_eq!(list.matches("- new column trait").count(), 40, "{list}");
    assert!(rest.contains("Write it first: `idgraph migrate new`"), "{rest}");
}

/// The paths of all keys of a JSON value: `pending.statements.sql`.
fn keys(value: &Value, prefix: &str, into: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                keys(value, &path, into);
                into.insert(path);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| keys(value, prefix, into)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_json_is_explained_and_no_other() {
    let page = include_str!("../docs/plan.md");
    let (_, page) = page.split_once("\n## JSON\n").expect("the section");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let explained: std::collections::BTreeSet<String> = cells
        .flat_map(|cell| cell.split("`, `"))
        .map(|key| key.trim_end_matches('`').to_owned())
        .collect();
    let mut real = std::collections::BTreeSet::new();
    keys(&json(&changed()), "", &mut real);
    let blocked = made();
    blocked.change(AFTER);
    new(&blocked);
    blocked.run("DROP TABLE profile_traits; CREATE TABLE profile_traits (email text)");
    keys(&json(&blocked), "", &mut real);
    assert_eq!(explained, real);
}

const WITH_VIEWS: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    email: varchar
events:
  Order Completed: { properties: { total: float } }
models:
  user_traits: { materialized: view, name: long_traits }
  resolved_events: {}
";

#[test]
fn a_view_that_is_as_it_was_put_in_place_is_left_alone() {
    let project = Project::new(WITH_VIEWS);
    project.apply(&[]).fine();
    let is_replaced = |plan: &Value, view: &str| {
        plan["objects"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["object"] == view && one["happens"] == "replaced")
    };
    let now = json(&project);
    assert_eq!(now["to_do"], false, "{now:#}");
    assert!(!now.to_string().contains("replaced"), "{now:#}");
    let before = project.dump();
    let run = project.apply(&[]).fine();
    assert!(!run.stderr.contains("_resolved"), "{}", run.stderr);
    assert_eq!(project.dump(), before);
    // Others put another one in its place, which says whose it is.
    project.run(
        "DROP VIEW long_traits; CREATE VIEW long_traits AS\n-- Built by idgraph.\nSELECT 1 AS segment_id, 2 AS trait, 3 AS value",
    );
    let now = json(&project);
    assert!(is_replaced(&now, "acme.long_traits") && now["to_do"] == true, "{now:#}");
    assert!(!is_replaced(&now, "acme.order_completed_resolved"));
    plan(&project, &[]).exits(1);
    project.apply(&[]).fine().says(&["acme.long_traits", "replaced in"]);
    plan(&project, &[]).fine();
    // The project asks for another one.
    project.change(&WITH_VIEWS.replace("email: varchar", "email: varchar\n    plan: varchar"));
    let now = json(&project);
    assert!(is_replaced(&now, "acme.long_traits"), "{now:#}");
    assert!(!is_replaced(&now, "acme.order_completed_resolved"));
    project.apply(&[]).fine();
    plan(&project, &[]).fine();
}

#[test]
fn an_event_that_lands_and_is_not_listed_is_mentioned() {
    let project = Project::new(WITH_VIEWS);
    project.apply(&[]).fine();
    project
        .run("CREATE TABLE coupon_used AS SELECT * FROM order_completed; CREATE TABLE other (x)");
    let now = json(&project);
    assert_eq!(now["unlisted"], serde_json::json!(["coupon_used"]));
    assert_eq!(now["to_do"], false);
    let run = plan(&project, &[]).fine();
    assert!(
        run.stdout.contains("Events that have landed and that the project does not list"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("  coupon_used\n"), "{}", run.stdout);
    project.change(&format!("{WITH_VIEWS}ignore: [coupon_used]\n"));
    assert_eq!(json(&project)["unlisted"], serde_json::json!([]));
}
