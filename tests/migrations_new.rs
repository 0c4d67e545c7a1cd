//! `idgraph migrate new`, `check` and `sum`, as a person meets them.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;
use std::process::Command;

use command::{Run, idgraph};
use tempfile::TempDir;

const PROJECT: &str = "space: acme
dialects: [postgres, snowflake, bigquery, sqlite]
traits:
  columns:
    email: varchar
    visits: integer
models:
  user_traits: { name: long_traits }
  resolved_events: {}
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), PROJECT);
    new(folder.path()).fine();
    folder
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("idgraph.yml"), text).expect("write");
}

fn new(folder: &Path) -> Run {
    idgraph(folder, &["migrate", "new"])
}

fn check(folder: &Path) -> Run {
    idgraph(folder, &["migrate", "check"])
}

#[test]
fn a_second_time_there_is_no_difference() {
    let folder = project();
    let run = new(folder.path()).fine().says(&["no difference"]);
    assert_eq!(run.stdout, "");
    check(folder.path()).fine();
}

#[test]
fn a_change_of_the_project_without_a_migration_is_found() {
    let folder = project();
    write(folder.path(), &PROJECT.replace("email", "plan: varchar\n    email"));
    check(folder.path()).exits(1).says(&["error[migration-wanted]", "`idgraph migrate new`"]);
    let run = new(folder.path()).fine().says(&["new column plan"]);
    for dialect in ["postgres", "snowflake", "bigquery", "sqlite"] {
        let file = format!("migrations/{dialect}/0002_add_plan.sql");
        assert!(run.stdout.contains(&file), "{}", run.stdout);
    }
    check(folder.path()).fine();
}

#[test]
fn an_edited_migration_is_found_and_nothing_is_written_beside_it() {
    let folder = project();
    let file = folder.path().join("migrations/sqlite/0001_initial.sql");
    let text = fs::read_to_string(&file).expect("a file");
    fs::write(&file, text.replace('\n', "\r\n") + "\r\n").expect("write");
    check(folder.path()).fine();
    fs::write(&file, format!("{text}-- edited\n")).expect("write");
    check(folder.path()).exits(1).says(&["error[migration-edited]"]);
    write(folder.path(), &PROJECT.replace("email", "plan: varchar\n    email"));
    new(folder.path()).exits(2).says(&["error[migration-edited]"]);
    assert!(!folder.path().join("migrations/postgres/0002_add_plan.sql").exists());
    idgraph(folder.path(), &["migrate", "sum"]).fine();
    new(folder.path()).fine();
}

#[test]
fn a_type_that_cannot_be_widened_and_a_renamed_space_are_refused() {
    let folder = project();
    write(folder.path(), &PROJECT.replace("visits: integer", "visits: boolean"));
    let words = ["error[type-changed]", "idgraph.yml:6:5", "write `integer` again"];
    new(folder.path()).exits(2).says(&words);
    write(folder.path(), &PROJECT.replace("space: acme", "space: other"));
    let words = ["error[schema-renamed]", "`space` was `acme` and is `other` now"];
    new(folder.path()).exits(2).says(&words);
    assert_eq!(fs::read_dir(folder.path().join("migrations/postgres")).expect("files").count(), 4);
}

#[test]
fn a_migration_is_called_by_what_changes_each_once() {
    let folder = project();
    let text = PROJECT.replace("email: varchar", "mail: { type: varchar, renamed_from: email }");
    assert_ne!(text, PROJECT);
    write(folder.path(), &text);
    let run = new(folder.path()).fine();
    assert!(run.stdout.contains("/0002_rename_mail.sql"), "{}", run.stdout);
    assert!(
        run.stderr.contains("What changes:\n  column email is called mail now\nWritten"),
        "{}",
        run.stderr
    );
    write(
        folder.path(),
        &text.replace(
            "user_traits: { name: long_traits }",
            "user_traits: { materialized: view, name: long_traits }",
        ),
    );
    let run = new(folder.path()).fine();
    assert!(run.stdout.contains("/0003_change_long_traits.sql"), "{}", run.stdout);
}

#[test]
fn another_catalog_is_refused_for_no_migration_moves_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let text = |catalog: &str| format!("space: acme\n{catalog}dialects: [databricks, postgres]\n");
    write(folder.path(), &text("catalog: main\n"));
    new(folder.path()).fine();
    let record = |dialect: &str| {
        fs::read_to_string(folder.path().join(format!("migrations/{dialect}/schema.json"))).unwrap()
    };
    assert!(record("databricks").contains("\n  \"catalog\": \"main\",\n"));
    // Names of two parts are in no catalog of the project's.
    assert!(!record("postgres").contains("catalog\""));
    check(folder.path()).fine();
    write(folder.path(), &text("catalog: prod\n"));
    let said = check(folder.path()).exits(1).stderr;
    assert!(
        said.contains("error[catalog-changed]: `catalog` was `main` and is `prod` now"),
        "{said}"
    );
    assert!(
        said.contains("idgraph.yml:2:10") && said.contains("write `catalog: main` again; or"),
        "{said}"
    );
    assert_eq!(new(folder.path()).exits(2).stderr.matches("error[").count(), 1);
    write(folder.path(), &text(""));
    let said = check(folder.path()).exits(1).stderr;
    assert!(said.contains("`catalog` was `main` and is the session's now"), "{said}");
}

#[test]
fn a_check_reads_every_statement_and_what_is_wrong_is_said_before_anything_runs() {
    let folder = project();
    let path = folder.path().join("migrations/postgres/0001_initial.sql");
    let text = fs::read_to_string(&path).expect("the migration");
    fs::write(&path, format!("{text}\nDROP TABLE acme.id_graph;\nALTER TABEL acme.pages;\n"))
        .unwrap();
    idgraph(folder.path(), &["migrate", "sum"]).fine();
    let said = check(folder.path()).exits(1).stderr;
    assert!(said.contains("0001_initial.sql") && said.contains("ALTER TABEL"), "{said}");
    fs::write(&path, format!("{text}\nDROP TABLE acme.id_graph;\n")).unwrap();
    idgraph(folder.path(), &["migrate", "sum"]).fine();
    check(folder.path()).exits(1).says(&["error[destructive-unmarked]"]);
}

#[test]
fn two_branches_that_add_the_same_number_conflict_in_the_sum_file() {
    let folder = project();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(folder.path()).args(["-c", "user.name=x", "-c", "user.email=x@x"]);
        command.args(arguments).output().expect("git")
    };
    let fine = |arguments: &[&str]| {
        let output = git(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    fine(&["init", "-q", "-b", "main"]);
    fine(&["add", "-A"]);
    fine(&["commit", "-qm", "first"]);
    // Far enough apart that the project file itself merges.
    for (branch, from, to) in [
        ("traits", "    email: varchar\n", "    plan: varchar\n    email: varchar\n"),
        (
            "models",
            "  resolved_events: {}\n",
            "  resolved_events: {}\n  profile_merges: { name: merges }\n",
        ),
    ] {
        fine(&["checkout", "-q", "-b", branch, "main"]);
        write(folder.path(), &PROJECT.replace(from, to));
        new(folder.path()).fine();
        fine(&["add", "-A"]);
        fine(&["commit", "-qm", branch]);
    }
    let merge = git(&["merge", "-q", "traits"]);
    assert!(!merge.status.success(), "{merge:?}");
    let conflicts = git(&["diff", "--name-only", "--diff-filter=U"]).stdout;
    let conflicts = String::from_utf8(conflicts).expect("text");
    for dialect in ["postgres", "snowflake", "bigquery", "sqlite"] {
        let sum = format!("migrations/{dialect}/idgraph.sum\n");
        assert!(conflicts.contains(&sum), "{conflicts}");
    }
    assert!(!conflicts.contains("idgraph.yml"), "{conflicts}");
    let said = check(folder.path()).exits(1).says(&[
        "error[migration-number]: migrations/sqlite: 0002_add_merges.sql and 0002_add_plan.sql have the same number",
        "give the newer one the next number, then run `idgraph migrate sum`",
        "a merge conflict",
    ]);
    assert_eq!(said.stderr.matches("error[sum-file]").count(), 4, "one a dialect: {}", said.stderr);
    // The way out that it names is one.
    for dialect in ["postgres", "snowflake", "bigquery", "sqlite"] {
        let migrations = folder.path().join("migrations").join(dialect);
        for end in ["sql", "down.sql"] {
            let from = migrations.join(format!("0002_add_plan.{end}"));
            fs::rename(from, migrations.join(format!("0003_add_plan.{end}"))).expect("rename");
        }
        let schema = fs::read_to_string(migrations.join("schema.json")).expect("the record");
        assert!(!schema.contains("<<<<<<<"), "the record itself merges: {schema}");
    }
    idgraph(folder.path(), &["migrate", "sum"]).fine();
    check(folder.path()).fine();
}
