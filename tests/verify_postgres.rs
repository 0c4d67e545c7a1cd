//! `idgraph verify` on Postgres: who may run it, and that it changes nothing.

mod support;

use std::fs;
use std::process::Command;

use support::command::{Run, finish};
use support::postgres::Database;
use support::postgres::project::{Project, SMALL, dump, land};

fn verify(project: &Project, further: &[&str]) -> Run {
    finish(project.command("verify", further))
}

/// Three profiles, built.
fn built(database: &Database<'_>) -> Project {
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(database, 3, "@x");
    project.apply(&[]).fine();
    project
}

/// As a user that has no right but those granted here, or before where none are.
fn as_reader(
    project: &Project,
    database: &Database<'_>,
    name: &str,
    further: &[&str],
    grants: &str,
) -> Command {
    let role = format!("reader_of_{}", database.name());
    if !grants.is_empty() {
        let grants = grants.replace("READER", &format!("\"{role}\""));
        let sql = format!("CREATE ROLE \"{role}\"; {grants}");
        database.client().batch_execute(&sql).expect("a role");
    }
    let mut command = project.command(name, further);
    command.env("PGOPTIONS", format!("-c role={role}"));
    command
}

const READS: &str =
    "GRANT USAGE ON SCHEMA acme TO READER; GRANT SELECT ON ALL TABLES IN SCHEMA acme TO READER;";

#[test]
fn nothing_changes() {
    let database = Database::new();
    let project = built(&database);
    let before = dump(&database);
    verify(&project, &["--keys"]).fine();
    assert_eq!(dump(&database), before);
    database.client().batch_execute("DELETE FROM acme.id_graph WHERE segment_id = 'p2'").unwrap();
    let before = dump(&database);
    let run = verify(&project, &["--keys"]).exits(1);
    assert!(run.stdout.contains("missing   segment_id: \"p2\""), "{}", run.stdout);
    assert_eq!(dump(&database), before);
}

#[test]
fn not_even_a_template_of_the_project_s_own_can_change_a_table() {
    let database = Database::new();
    let project = built(&database);
    let before = dump(&database);
    let folder = project.folder().join("dialects/postgres/templates/verify");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("count.sql"), "DELETE FROM acme.id_graph;\n").expect("write");
    verify(&project, &[]).exits(2).says(&["cannot execute DELETE in a read-only transaction"]);
    assert_eq!(dump(&database), before);
}

#[test]
fn who_may_only_read_and_make_no_temporary_table_may_verify_and_explain() {
    let database = Database::new();
    let project = built(&database);
    let reads = format!("{READS} REVOKE TEMPORARY ON DATABASE \"{}\" FROM PUBLIC", database.name());
    finish(as_reader(&project, &database, "verify", &[], &reads)).fine();
    let explained = finish(as_reader(&project, &database, "explain", &["p2"], "")).fine();
    assert!(explained.stdout.contains("email = \"p2@x\""), "{}", explained.stdout);
    finish(as_reader(&project, &database, "status", &[], "")).fine();
    finish(as_reader(&project, &database, "show", &["id_graph"], "")).fine();
    finish(as_reader(&project, &database, "diff", &[], "")).fine();
    // What differs is counted and listed by reading, too.
    database.client().batch_execute("DELETE FROM acme.id_graph WHERE segment_id = 'p2'").unwrap();
    let run = finish(as_reader(&project, &database, "verify", &["--keys"], "")).exits(1);
    assert!(run.stdout.contains("missing   segment_id: \"p2\""), "{}", run.stdout);
}

#[test]
fn a_right_that_is_missing_is_named() {
    let database = Database::new();
    let project = built(&database);
    let no_table = format!("{READS} REVOKE SELECT ON acme.identifies FROM READER");
    finish(as_reader(&project, &database, "verify", &[], &no_table)).exits(2).says(&[
        "permission denied for table identifies",
        "GRANT SELECT ON ALL TABLES IN SCHEMA acme TO ",
    ]);
}

#[test]
fn what_is_not_there_yet_is_said() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    verify(&project, &[]).exits(2).says(&["error[no-space]: there is no schema acme"]);
    database.client().batch_execute("CREATE SCHEMA acme").unwrap();
    verify(&project, &[]).exits(2).says(&["error[empty-space]", "acme"]);
    project.apply(&[]).fine();
    database.client().batch_execute("DROP TABLE acme.id_graph").unwrap();
    verify(&project, &[]).exits(2).says(&["error[not-built]", "there is no acme.id_graph"]);
}

/// Landed columns of types that a warehouse reads, though it would not make them so.
#[test]
fn verify_and_explain_compare_values_and_not_how_they_are_written() {
    let database = Database::new();
    let text = SMALL.replace("    email: varchar", "    ltv: float\n    seen: timestamp");
    let project = Project::new(&text, database.url());
    project.apply(&[]).fine();
    let sql = "
        DROP TABLE acme.profile_traits;
        ALTER TABLE acme.identifies
            ALTER COLUMN ltv TYPE numeric(38, 6),
            ALTER COLUMN seen TYPE timestamp without time zone;
        INSERT INTO acme.identifies (id, segment_id, timestamp, ltv, seen)
        VALUES ('i', 'p', '2024-01-01', 178.25, '2024-01-02 03:04:05');";
    database.client().batch_execute(sql).expect("land");
    project.apply(&[]).fine();
    verify(&project, &[]).fine();
    let explain = || finish(project.command("explain", &["p"])).fine().stdout;
    let said = explain();
    assert!(said.contains("ltv = \"178.25\""), "{said}");
    assert!(said.ends_with("The tables as they stand say the same.\n"), "{said}");
    database.client().batch_execute("UPDATE acme.profile_traits SET ltv = 178.5").expect("update");
    verify(&project, &[]).exits(1);
    let said = explain();
    let differs = "  profile_traits: ltv is \"178.5\", and must be \"178.25\"\n`idgraph refresh";
    assert!(said.contains(differs), "{said}");
}
