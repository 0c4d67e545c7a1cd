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

/// As a user that has no right but those granted here.
fn as_reader(project: &Project, database: &Database<'_>, grants: &str) -> Command {
    let role = format!("reader_of_{}", database.name());
    let sql =
        format!("CREATE ROLE \"{role}\"; {}", grants.replace("READER", &format!("\"{role}\"")));
    database.client().batch_execute(&sql).expect("a role");
    let mut command = project.command("verify", &[]);
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
    fs::write(folder.join("settle.sql"), "DELETE FROM acme.id_graph;\n").expect("write");
    verify(&project, &[]).exits(2).says(&["cannot execute DELETE in a read-only transaction"]);
    assert_eq!(dump(&database), before);
}

#[test]
fn who_may_only_read_may_verify() {
    let database = Database::new();
    let project = built(&database);
    finish(as_reader(&project, &database, READS)).fine();
}

#[test]
fn a_right_that_is_missing_is_named() {
    let database = Database::new();
    let project = built(&database);
    let no_table = format!("{READS} REVOKE SELECT ON acme.identifies FROM READER");
    finish(as_reader(&project, &database, &no_table)).exits(2).says(&[
        "permission denied for table identifies",
        "SELECT on their tables and TEMPORARY on the database",
    ]);
    let database = Database::new();
    let project = built(&database);
    let revoke =
        format!("{READS} REVOKE TEMPORARY ON DATABASE \"{}\" FROM PUBLIC", database.name());
    finish(as_reader(&project, &database, &revoke)).exits(2).says(&[
        "permission denied to create temporary tables",
        "SELECT on their tables and TEMPORARY on the database",
    ]);
}

#[test]
fn what_is_not_there_yet_is_said() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    verify(&project, &[]).exits(2).says(&["error[empty-space]", "acme"]);
    project.apply(&[]).fine();
    database.client().batch_execute("DROP TABLE acme.id_graph").unwrap();
    verify(&project, &[]).exits(2).says(&["error[not-built]", "there is no acme.id_graph"]);
}
