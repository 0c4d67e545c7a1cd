//! `idgraph verify` on SQLite: what it prints, how it ends, and that it cannot change a byte.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;

use command::{Run, idgraph};
use serde_json::{Value, json};
use sqlite::{Project, SMALL, land};

fn verify(project: &Project, further: &[&str]) -> Run {
    idgraph(project.folder(), &[&["verify", "--target", "local"], further].concat())
}

/// Three profiles, built.
fn built(text: &str) -> Project {
    let project = Project::new(text);
    project.apply(&[]).fine();
    land(&project.open(), 3, "@x");
    project.apply(&[]).fine();
    project
}

#[test]
fn right_tables_end_with_0_and_wrong_ones_with_1() {
    let project = built(SMALL);
    let run = verify(&project, &[]).fine();
    assert!(run.stdout.ends_with("Every table is what the landed rows say.\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  ok   id_graph             3 rows\n"), "{}", run.stdout);
    project.run("UPDATE profile_traits SET email = NULL WHERE canonical_segment_id = 'p2'");
    project.run("DELETE FROM id_graph WHERE segment_id = 'p3'");
    let run = verify(&project, &[]).exits(1);
    for line in [
        "  FAIL id_graph             2 rows, 1 missing\n",
        "  ok   external_id_mapping  0 rows\n",
        "  FAIL profile_traits       3 rows, 1 different\n",
        "Wrong: id_graph, profile_traits. Rows landed",
        "`idgraph refresh --target local` makes it right.",
    ] {
        assert!(run.stdout.contains(line), "{line} is not in\n{}", run.stdout);
    }
    idgraph(project.folder(), &["refresh", "--target", "local"]).fine();
    verify(&project, &[]).fine();
}

#[test]
fn ids_are_printed_only_where_keys_are_asked_for() {
    let project = built(SMALL);
    project.run("DELETE FROM id_graph; DELETE FROM profile_traits");
    for format in ["text", "json"] {
        let run = verify(&project, &["--format", format]).exits(1);
        for id in ["p1", "p2", "p3", "@x"] {
            assert!(!run.stdout.contains(id) && !run.stderr.contains(id), "{}", run.stdout);
        }
    }
    let run = verify(&project, &["--keys", "--limit", "2"]).exits(1);
    let listed = "  FAIL id_graph             0 rows, 3 missing
         missing   segment_id: \"p1\"
         missing   segment_id: \"p2\"
         … and 1 more: see --limit\n";
    assert!(run.stdout.contains(listed), "{}", run.stdout);
    verify(&project, &["--limit", "2"]).exits(2).says(&["--keys"]);
}

#[test]
fn json_has_the_documented_keys() {
    let project = built(SMALL);
    project.run("UPDATE id_graph SET canonical_segment_id = 'p1' WHERE segment_id = 'p2'");
    project.run("UPDATE id_graph SET canonical_segment_id = 'p2' WHERE segment_id = 'p3'");
    let read = |further: &[&str]| -> Value {
        let run = verify(&project, &[&["--format", "json"], further].concat()).exits(1);
        serde_json::from_str(&run.stdout).expect("JSON")
    };
    let found = read(&["--keys"]);
    assert_eq!(found["fine"], json!(false));
    let keys: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["fine", "models", "rules", "deepest", "behind"]);
    assert_eq!(
        found["models"][0],
        json!({
            "table": "id_graph", "compared": true, "rows": 3,
            "missing": 0, "extra": 0, "different": 2,
            "keys": [
                { "finding": "different", "count": 1, "key": { "segment_id": "p2" } },
                { "finding": "different", "count": 1, "key": { "segment_id": "p3" } },
            ],
        })
    );
    assert_eq!(
        found["rules"][0],
        json!({
            "rule": "canonical_of_itself", "level": "error",
            "says": "every canonical profile is its own canonical", "checked": true, "count": 1,
            "keys": [{ "segment_id": "p3", "canonical_segment_id": "p2" }],
        })
    );
    let names: Vec<&Value> =
        found["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
    let documented = fs::read_to_string("docs/verify.md").expect("docs/verify.md");
    for name in names {
        let cell = format!("| `{}` |", name.as_str().unwrap());
        assert!(documented.contains(&cell), "{cell} is not in docs/verify.md");
    }
    assert_eq!(read(&[])["models"][0].get("keys"), None);
}

#[test]
fn the_file_stays_as_it_is_to_the_byte() {
    let project = built(SMALL);
    let before = fs::read(project.file()).expect("the file");
    verify(&project, &["--keys"]).fine();
    assert_eq!(fs::read(project.file()).expect("the file"), before);
    assert_eq!(project.files(), ["acme.db", "idgraph.yml"]);
}

#[test]
fn not_even_a_template_of_the_project_s_own_can_change_a_table() {
    let project = built(SMALL);
    let before = fs::read(project.file()).expect("the file");
    let folder = project.folder().join("templates/verify");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("count.sql"), "DELETE FROM acme.id_graph;\n").expect("write");
    verify(&project, &[]).exits(2).says(&["readonly database", "DELETE FROM acme.id_graph"]);
    assert_eq!(fs::read(project.file()).expect("the file"), before);
}

#[test]
fn what_is_not_there_yet_is_said() {
    let project = Project::new(SMALL);
    verify(&project, &[]).exits(2).says(&["there is no database", "`idgraph apply` makes it"]);
    assert_eq!(project.files(), ["idgraph.yml"]);
    project.run("CREATE TABLE other (id text)");
    verify(&project, &[]).exits(2).says(&[
        "error[empty-space]",
        "the space acme has none of the tables that Segment lands",
        "before Segment has landed anything there is nothing to check",
    ]);
    project.apply(&[]).fine();
    verify(&project, &[]).fine();
    project.run("DROP TABLE profile_traits");
    verify(&project, &[]).exits(2).says(&[
        "error[not-built]",
        "there is no acme.profile_traits in the database",
        "`idgraph apply --target local` builds what is missing",
    ]);
    project.apply(&[]).fine();
    // A landed table that is not there has no rows.
    project.run("INSERT INTO identifies (id, segment_id, email, timestamp) VALUES ('i', 'p', 'p@x', '2024-01-01')");
    project.apply(&[]).fine();
    project.run("DROP TABLE identifies");
    let run = verify(&project, &[]).exits(1);
    assert!(run.stdout.contains("1 extra"), "{}", run.stdout);
    project.apply(&[]).fine();
    project.change(&SMALL.replace("email: varchar", "email: varchar\n    plan: varchar"));
    let run = verify(&project, &[]).exits(2);
    run.says(&["acme.profile_traits has no column `plan` yet", "apply --target local` adds it"]);
}

#[test]
fn models_in_a_file_of_their_own_are_read_with_the_landed_rows() {
    let text = format!("{SMALL}models_schema: built\n");
    let project = built(&text);
    verify(&project, &[]).fine();
    let models = rusqlite::Connection::open(project.folder().join("acme.built.db")).expect("open");
    models.execute_batch("DELETE FROM profile_traits").expect("delete");
    let run = verify(&project, &[]).exits(1);
    assert!(run.stdout.contains("profile_traits       0 rows, 3 missing"), "{}", run.stdout);
}

/// Nothing can be written, neither to the file nor beside it.
#[test]
fn a_file_that_may_only_be_read_is_verified_and_explained() {
    use std::os::unix::fs::PermissionsExt;
    for models in [
        "",
        "models: { id_graph: { materialized: view }, profile_traits: { materialized: view } }\n",
    ] {
        let project = built(&format!("{SMALL}{models}"));
        let allow = |file: u32, folder: u32| {
            fs::set_permissions(project.file(), fs::Permissions::from_mode(file)).expect("chmod");
            fs::set_permissions(project.folder(), fs::Permissions::from_mode(folder))
                .expect("chmod");
        };
        let before = fs::read(project.file()).expect("the file");
        allow(0o444, 0o555);
        let runs = [
            verify(&project, &["--keys"]),
            idgraph(project.folder(), &["explain", "--target", "local", "p2"]),
            idgraph(project.folder(), &["status", "--target", "local"]),
            idgraph(project.folder(), &["show", "--target", "local", "id_graph"]),
        ];
        let compared = idgraph(project.folder(), &["diff", "--target", "local"]);
        let after = fs::read(project.file()).expect("the file");
        let files = project.files();
        allow(0o644, 0o755);
        for run in runs {
            run.fine();
        }
        assert!(matches!(compared.code, Some(0 | 1)), "{}", compared.stderr);
        assert_eq!(after, before);
        assert_eq!(files, ["acme.db", "idgraph.yml"]);
    }
}
