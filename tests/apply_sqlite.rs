//! `idgraph apply` on SQLite: what it makes, what it leaves alone.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use sqlite::{Project, SMALL, add_sha1, dump, land};

/// A project with everything that there is.
const LARGE: &str = "space: acme
dialects: [sqlite]
context: [url]
traits: { columns: { email: varchar, score: float, order: integer } }
events: { Order Completed: { properties: { total: float } } }
models:
  user_traits: { name: long_traits }
  user_identifiers: { name: identifiers }
  profile_merges: { name: merges }
  resolved_events: {}
";

#[test]
fn apply_creates_everything_and_then_changes_nothing() {
    let project = Project::new(LARGE);
    let run = project.apply(&[]).fine();
    assert_eq!(run.stdout, "");
    run.says(&[
        "acme.id_graph                                created in ",
        "created in ",
        "acme.identifies_resolved ",
        "applied to local in ",
    ]);
    land(&project.open(), 10, "@one");
    project
        .apply(&["--verbose"])
        .fine()
        .says(&["there already, left alone", "rebuilt, 10 rows written, 0 removed"]);
    let before = project.dump();
    assert_eq!(before["profile_traits"].1.len(), 10);
    assert_eq!(before["identifies_resolved"].1.len(), 10);
    project.apply(&[]).fine();
    assert_eq!(project.dump(), before);
    assert_eq!(project.files(), ["acme.db", "idgraph.yml"]);
}

#[test]
fn a_dry_run_prints_the_very_script_and_changes_nothing() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    land(&project.open(), 10, "@one");
    // A column to add, an object to make, rows to build, and tables that have not landed.
    project.change(&LARGE.replace("models:", "models:\n  id_graph: {}"));
    project.run(
        "DROP TABLE external_id_mapping;
         ALTER TABLE identifies ADD COLUMN context_url text;
         ALTER TABLE identifies ADD COLUMN score real;
         ALTER TABLE identifies ADD COLUMN \"order\" integer;",
    );
    let before = project.dump();
    let bytes = fs::read(project.file()).unwrap();
    let run = project.apply_alone(&["--dry-run"]).fine();
    assert_eq!(project.dump(), before);
    assert_eq!(fs::read(project.file()).unwrap(), bytes);
    assert!(run.stderr.contains("rolled back after "), "{}", run.stderr);
    assert!(run.stdout.starts_with("BEGIN IMMEDIATE;\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\nROLLBACK;\n\n"), "{}", run.stdout);

    let copy = project.folder().join("copy.db");
    fs::copy(project.file(), &copy).unwrap();
    let script = run.stdout.replace("\nROLLBACK;", "\nCOMMIT;");
    let connection = Connection::open_in_memory().unwrap();
    add_sha1(&connection);
    connection.execute("ATTACH ?1 AS acme", [copy.to_str().unwrap()]).unwrap();
    connection.execute_batch(&script).unwrap_or_else(|error| panic!("{error}\n{script}"));
    drop(connection);
    project.apply_alone(&[]).fine();
    assert_eq!(dump(&copy), project.dump());
    assert_ne!(project.dump(), before);
}

#[test]
fn a_dry_run_on_no_file_prints_everything_and_makes_none() {
    let project = Project::new(SMALL);
    let run = project.apply_alone(&["--dry-run"]).fine();
    assert!(run.stdout.contains("CREATE TABLE IF NOT EXISTS acme.id_graph ("));
    assert_eq!(project.files(), ["idgraph.yml"]);
}

#[test]
fn a_landed_table_that_exists_is_never_altered() {
    let project = Project::new(SMALL);
    project.run(
        "CREATE TABLE identifies (id text, segment_id text, timestamp text, uuid_ts text, sent_at text,
             event_source_id text, event_id text, anonymous_id text, user_id text, original_timestamp text,
             received_at text, email text, of_their_own text DEFAULT 'x');
         INSERT INTO identifies (id, segment_id, email) VALUES ('1', 'p1', 'a@b');",
    );
    let before = project.dump();
    project.apply(&["--verbose"]).fine().says(&["acme.identifies", "there already, left alone"]);
    let after = project.dump();
    assert_eq!(after["identifies"], before["identifies"]);
    assert!(!after.keys().any(|name| name.starts_with("identifies_")), "no index either");
    assert_eq!(after["profile_traits"].1.len(), 1);
}

#[test]
fn a_landed_table_without_what_nothing_can_be_built_from_is_reported() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    project.run("DROP INDEX identifies_segment_id_idx");
    project.run("ALTER TABLE identifies DROP COLUMN segment_id");
    let before = project.dump();
    let run = project.apply(&[]).exits(2);
    assert_eq!(
        run.stderr.trim_end(),
        "error[not-landed]: acme.identifies has no column `segment_id`
 --> idgraph.yml:1:8
  |
1 | space: acme
  |        ^^^^ the schema that was looked in
  |
  = note: nothing can be built without it
  = help: check `space`: is it the schema that Profiles Sync lands in?"
    );
    assert_eq!(project.dump(), before);
}

#[test]
fn what_segment_has_not_landed_yet_is_null_until_it_lands() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    project.run("ALTER TABLE identifies DROP COLUMN email");
    project.run("INSERT INTO identifies (id, segment_id) VALUES ('one', 'p1')");
    project.apply(&[]).fine().says(&["left alone; not landed yet, so NULL: email"]);
    project.run("ALTER TABLE identifies ADD COLUMN email text");
    project.run("UPDATE identifies SET email = 'p1@example.com'");
    project.apply(&[]).fine();
    assert!(format!("{:?}", project.dump()).contains("p1@example.com"));
}

#[test]
fn what_has_a_models_name_and_is_not_ours_is_refused_untouched() {
    for theirs in [
        "CREATE TABLE id_graph (segment_id text, canonical_segment_id text, timestamp text);
         INSERT INTO id_graph VALUES ('theirs', 'theirs', NULL);",
        // To SQLite, the same name.
        "CREATE TABLE ID_Graph (segment_id text, canonical_segment_id text, timestamp text);
         INSERT INTO id_graph VALUES ('theirs', 'theirs', NULL);",
        "CREATE VIEW id_graph AS SELECT 1 AS segment_id",
    ] {
        let project = Project::new(SMALL);
        project.run(theirs);
        let before = project.dump();
        let run = project.apply_alone(&[]).exits(2);
        run.says(&[
            "error[not-ours]: acme.id_graph exists, and idgraph did not make it",
            "note: idgraph never changes or drops what it did not make",
            "help: build the models elsewhere with `models_schema: …`, or move that object away",
        ]);
        assert_eq!(project.dump(), before, "{theirs}");
    }
}

#[test]
fn a_table_does_not_become_a_view_by_itself() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    let before = project.dump();
    project.change(&format!("{SMALL}models: {{ profile_traits: {{ materialized: view }} }}\n"));
    let run = project.apply(&[]).exits(2);
    run.says(&[
        "acme.profile_traits is a table, and the project wants a view",
        "idgraph.yml:6:",
        "drop acme.profile_traits yourself, then apply again",
    ]);
    assert_eq!(project.dump(), before);
    project.run("DROP TABLE profile_traits");
    project.apply(&[]).fine();
    project.change(SMALL);
    project.apply(&[]).exits(2).says(&["is a view, and the project wants a table"]);
}

#[test]
fn a_new_trait_is_added_to_our_table_and_what_reads_it_goes_on() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    land(&project.open(), 3, "@one");
    project.run(
        "CREATE VIEW theirs AS SELECT canonical_segment_id, email FROM profile_traits;
         ALTER TABLE identifies ADD COLUMN plan text;
         UPDATE identifies SET plan = 'gold';",
    );
    project.change(&SMALL.replace("email: varchar", "email: varchar\n    plan: varchar"));
    project.apply(&[]).fine();
    let golden: u32 = project
        .open()
        .query_row("SELECT count(*) FROM profile_traits WHERE plan = 'gold'", [], |row| row.get(0))
        .unwrap();
    assert_eq!((golden, project.dump()["theirs"].1.len()), (3, 3));
}

#[test]
fn a_trait_that_changed_its_type_is_reported() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    project.change(&SMALL.replace("email: varchar", "email: integer"));
    project.apply(&[]).exits(2).says(&[
        "error[type-changed]: acme.profile_traits.email is text, and the project wants integer",
        "idgraph.yml:5:",
    ]);
}

#[test]
fn readers_see_the_tables_of_before_or_after_and_never_between() {
    const PROFILES: u32 = 3000;
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    land(&project.open(), PROFILES, "@one");
    project.apply(&[]).fine();
    let done = AtomicBool::new(false);
    let looks = AtomicU32::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let reader = project.open();
            reader.busy_timeout(Duration::from_secs(30)).unwrap();
            while !done.load(Ordering::SeqCst) {
                // One statement sees one state, of both tables.
                let sql = "SELECT (SELECT count(*) FROM id_graph), count(*),
                                  count(DISTINCT substr(email, instr(email, '@'))) FROM profile_traits";
                let seen = reader.query_row(sql, [], |row| {
                    Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?))
                });
                assert_eq!(seen.unwrap(), (PROFILES, PROFILES, 1));
                looks.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        for mark in ["@two", "@three"] {
            let landing = project.open();
            landing.busy_timeout(Duration::from_secs(30)).unwrap();
            land(&landing, PROFILES, mark);
            project.apply(&[]).fine();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(looks.load(Ordering::SeqCst) > 10);
    let marked: u32 = project
        .open()
        .query_row("SELECT count(*) FROM profile_traits WHERE email LIKE '%@three'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(marked, PROFILES);
}

#[test]
fn models_of_another_schema_live_in_a_file_beside() {
    let project =
        Project::new(&SMALL.replace("space: acme\n", "space: acme\nmodels_schema: built\n"));
    project.apply(&[]).fine();
    land(&project.open(), 5, "@one");
    project.apply(&[]).fine();
    assert_eq!(project.files(), ["acme.built.db", "acme.db", "idgraph.yml"]);
    let models = dump(&project.folder().join("acme.built.db"));
    assert_eq!(models["profile_traits"].1.len(), 5);
    assert!(!project.dump().contains_key("profile_traits"));
    let run = command::idgraph(project.folder(), &["show", "profile_traits", "--target", "local"]);
    assert_eq!(run.fine().stdout.lines().count(), 7);
    // Nothing is made by looking or pretending.
    fs::remove_file(project.folder().join("acme.built.db")).unwrap();
    project.apply(&["--dry-run"]).fine();
    assert_eq!(project.files(), ["acme.db", "idgraph.yml"]);
}

#[test]
fn any_name_of_a_schema_can_be_applied() {
    let names =
        ["main", "MAIN", "order", "x\"; drop table y; --", "x'; --", "x`", "Größe 表", "[a].b"];
    for name in names {
        let space = serde_json::to_string(name).unwrap();
        let project = Project::new(&SMALL.replace("acme", &space));
        project.apply(&[]).fine();
        land(&project.open(), 2, "@one");
        project.apply(&[]).fine();
        assert_eq!(project.dump()["profile_traits"].1.len(), 2, "{name}");
        assert_eq!(project.files(), ["acme.db", "idgraph.yml"], "{name}");
        // And as the models' own.
        let models = serde_json::to_string(&format!("m {name}")).unwrap();
        let text =
            SMALL.replace("space: acme\n", &format!("space: {space}\nmodels_schema: {models}\n"));
        project.change(&text);
        project.run("DROP TABLE profile_traits");
        project.apply(&[]).fine();
        assert_eq!(project.files().len(), 3, "{name}");
    }
    let project = Project::new(&SMALL.replace("acme", "temp"));
    project.apply(&[]).exits(2).says(&["SQLite keeps the schema `temp` for itself"]);
}

#[test]
fn hostile_names_of_traits_and_events_are_applied() {
    let hostile =
        r#"{ 'x"; drop table y; --': varchar, order: varchar, "it's \\ {{ 1 }}": varchar }"#;
    let project = Project::new(&format!(
        "space: acme
dialects: [sqlite]
context: ['x\"; drop table y; --', select]
traits: {{ columns: {hostile} }}
events: {{ 'x\"; drop table y; --': {{ properties: {hostile} }}, Select: {{}}, group: {{}} }}
models: {{ user_traits: {{ name: long_traits }}, resolved_events: {{}} }}
"
    ));
    project.apply(&[]).fine();
    project.run(
        "INSERT INTO identifies (id, segment_id, \"order\") VALUES ('1', 'p1', 'yes');
         INSERT INTO \"select\" (id, segment_id) VALUES ('1', 'p1');",
    );
    project.apply(&[]).fine();
    let dump = project.dump();
    assert_eq!((dump["long_traits"].1.len(), dump["select_resolved"].1.len()), (1, 1));
}
