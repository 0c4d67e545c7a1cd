//! A column's type is changed by hand: whether that takes something away depends on the type that it has, in the files for
//! `migrate check`, in the database for `plan` and `apply`.

#[path = "support/migrations.rs"]
mod migrations;
mod support;

use support::command::{Run, finish, idgraph};
use support::postgres::Database;
use support::postgres::project::{Project, SMALL};

const MADE: &str = "CREATE TABLE acme.made (x integer, y text);
COMMENT ON TABLE acme.made IS 'Built by idgraph.';
INSERT INTO acme.made VALUES (1, '2');
";

/// At 0002, which makes the table.
fn project(database: &Database<'_>) -> Project {
    let text = SMALL.replace("space: acme\n", "space: landing\nmodels_schema: acme\n");
    let project = Project::new(&text, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    add(&project, "0002_made.sql", MADE);
    project.apply(&[]).fine();
    project
}

fn add(project: &Project, name: &str, text: &str) {
    migrations::write(project.folder(), "postgres", &[(name, text)]);
}

fn check(project: &Project) -> Run {
    idgraph(project.folder(), &["migrate", "check"])
}

fn plan(project: &Project) -> Run {
    finish(project.command("plan", &[]))
}

/// The types of both columns.
fn types(database: &Database<'_>) -> Vec<String> {
    let sql = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = 'acme.made'::regclass AND attnum > 0 ORDER BY attnum";
    let rows = database.client().query(sql, &[]).expect("types");
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn a_wider_type_runs_unasked_and_a_narrower_one_is_refused_until_it_is_marked_and_allowed() {
    let database = Database::new();
    let project = project(&database);
    add(&project, "0003_wider.sql", "ALTER TABLE acme.made ALTER COLUMN x TYPE bigint;\n");
    check(&project).fine();
    let run = plan(&project).exits(1);
    assert!(!run.stdout.contains("--allow-destructive"), "{}", run.stdout);
    project.apply(&[]).fine();
    assert_eq!(types(&database), ["bigint", "text"]);

    let narrower = "ALTER TABLE acme.made ALTER COLUMN y TYPE bigint USING y::bigint;\n";
    add(&project, "0004_narrower.sql", narrower);
    let words = [
        "error[destructive-unmarked]: acme.made.y gets a type that may not hold every value",
        "0004_narrower.sql:1:1",
        "note: it is text so far and becomes bigint",
        "write in front of it: -- idgraph: destructive acme.made.y",
    ];
    check(&project).exits(1).says(&words);
    for further in [&[][..], &["--dry-run"], &["--allow-destructive", "acme.made.y"]] {
        project.apply(further).exits(2).says(&words);
    }
    let run = plan(&project).exits(1);
    assert!(run.stdout.contains("acme.made.y gets a type"), "{}", run.stdout);
    assert_eq!(types(&database), ["bigint", "text"]);

    let marked = format!("-- idgraph: destructive acme.made.y\n{narrower}");
    add(&project, "0004_narrower.sql", &marked);
    check(&project).fine();
    let words = ["error[destructive]", "add: --allow-destructive acme.made.y"];
    project.apply(&[]).exits(2).says(&words);
    assert_eq!(types(&database), ["bigint", "text"]);
    project.apply(&["--allow-destructive", "acme.made.y"]).fine();
    assert_eq!(types(&database), ["bigint", "bigint"]);
}

#[test]
fn what_the_database_says_of_a_column_counts_and_not_what_the_files_have_made_of_it() {
    let database = Database::new();
    let project = project(&database);
    let change =
        "ALTER TABLE acme.made ALTER COLUMN x TYPE double precision USING x::double precision;\n";
    add(&project, "0003_float.sql", change);
    check(&project).fine();
    let by_hand = "ALTER TABLE acme.made ALTER COLUMN x TYPE text";
    database.client().batch_execute(by_hand).unwrap();
    let note = "it is text so far and becomes double precision";
    project.apply(&[]).exits(2).says(&["error[destructive-unmarked]", note]);
    let run = plan(&project).exits(1);
    assert!(run.stdout.contains(note), "{}", run.stdout);
    assert_eq!(types(&database), ["text", "text"]);
    // As it was, it is what the files say.
    let back = "ALTER TABLE acme.made ALTER COLUMN x TYPE integer USING x::integer";
    database.client().batch_execute(back).unwrap();
    // What an earlier statement of the same apply makes of it comes on top.
    let text = "ALTER TABLE acme.made ALTER COLUMN x TYPE text;\n";
    add(&project, "0003_float.sql", &format!("{text}{change}"));
    check(&project).exits(1);
    project.apply(&[]).exits(2).says(&["error[destructive-unmarked]", "0003_float.sql:2:1", note]);
    assert_eq!(types(&database), ["integer", "text"]);
    add(&project, "0003_float.sql", change);
    project.apply(&[]).fine();
    assert_eq!(types(&database), ["double precision", "text"]);
}

#[test]
fn the_values_that_are_there_say_whether_a_type_would_round_them() {
    let database = Database::new();
    let project = project(&database);
    database.client().batch_execute("ALTER TABLE acme.made ALTER COLUMN x TYPE bigint").unwrap();
    let change = "-- idgraph: destructive acme.made.x\nALTER TABLE acme.made ALTER COLUMN x TYPE double precision;\n";
    add(&project, "0003_float.sql", change);
    let fits =
        "all values that are there now are the same as double precision: none is beyond 2^53";
    project.apply(&[]).exits(2).says(&["error[destructive]", fits]);
    assert!(plan(&project).exits(1).stdout.contains(fits));
    database
        .client()
        .batch_execute(
            "INSERT INTO acme.made VALUES (9007199254740993), (-9007199254740993), (NULL)",
        )
        .unwrap();
    let rounds = "2 values that are there now are beyond 2^53, where double precision does not hold every one";
    project.apply(&[]).exits(2).says(&["error[destructive]", rounds]);
    assert!(plan(&project).exits(1).stdout.contains(rounds));
}
