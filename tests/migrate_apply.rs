//! `idgraph apply` with migrations: what runs, in which order, and what is refused before anything runs.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;
#[path = "support/migrations.rs"]
mod migrations;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;

use sqlite::{Project, SMALL};

const FIRST: &str = "CREATE TABLE acme.one (\n    -- Built by idgraph.\n    x integer\n);\nINSERT INTO acme.one VALUES (1), (2);\n";
const SECOND: &str = "ALTER TABLE acme.one ADD COLUMN y integer;\nUPDATE acme.one SET y = x;\n";
const SECOND_BACK: &str =
    "-- idgraph: destructive acme.one.y\nALTER TABLE acme.one DROP COLUMN y;\n";

fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(SMALL);
    migrations::write(project.folder(), "sqlite", files);
    project
}

fn two() -> Project {
    project(&[
        ("0001_one.sql", FIRST),
        ("0002_more.sql", SECOND),
        ("0002_more.down.sql", SECOND_BACK),
    ])
}

fn add(project: &Project, name: &str, text: &str) {
    migrations::write(project.folder(), "sqlite", &[(name, text)]);
}

/// Number, statements done of all, rows, whether it is finished, error.
fn ledger(project: &Project) -> Vec<String> {
    let connection = project.open();
    let sql = "SELECT number || ' ' || name || ' ' || how || ' ' || statements_done || '/' || statements || ' '
            || rows_written || CASE WHEN finished_at IS NULL THEN ' halfway' ELSE '' END || coalesce(' ' || error, '')
        FROM idgraph_migrations ORDER BY number";
    let mut statement = connection.prepare(sql).expect("a ledger");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

fn has(project: &Project, table: &str) -> bool {
    project.dump().contains_key(table)
}

#[test]
fn pending_files_run_once_in_order() {
    let project = two();
    let run = project.apply(&["--dry-run", "--verbose"]).fine();
    run.says(&["0001_one.sql\n", "  1/2 CREATE TABLE acme.one (", "0002_more.sql\n"]);
    let run = project.apply(&[]).fine();
    assert_eq!(run.stderr.lines().count(), 3, "a line for each file: {}", run.stderr);
    run.says(&[
        "0001_one.sql                                 2 statements, ",
        "0002_more.sql                                2 statements, ",
        "local: 2 migrations run, now at 0002, in ",
    ]);
    assert_eq!(ledger(&project), ["1 one applied 2/2 2", "2 more applied 2/2 2"]);
    let before = project.dump();
    project.apply(&[]).fine().says(&["local: up to date, at 0002 in "]);
    assert_eq!(project.dump(), before);
    add(&project, "0004_later.sql", "CREATE TABLE acme.later (x integer);");
    project.apply(&[]).fine().says(&["1 migration run, now at 0004"]);
    assert!(
        has(&project, "later") && !has(&project, "id_graph"),
        "only what the files say is made"
    );
}

#[test]
fn the_ledger_says_who_when_and_with_what() {
    let project = two();
    project.apply(&["--to", "1"]).fine();
    let connection = project.open();
    let sql = "SELECT checksum, algorithm, started_at <= finished_at, idgraph_version FROM idgraph_migrations";
    let (sum, algorithm, in_order, version): (String, u32, bool, String) = connection
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    assert_eq!(sum, idgraph::migrate::checksum(FIRST));
    assert_eq!((algorithm, in_order, version.as_str()), (1, true, env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_failing_statement_takes_its_file_back_and_no_other() {
    let project = two();
    let text = "CREATE TABLE acme.three (x integer);\n-- idgraph: destructive acme.nowhere\nINSERT INTO acme.nowhere VALUES (1);\n";
    add(&project, "0003_three.sql", text);
    add(&project, "0004_four.sql", "CREATE TABLE acme.four (x integer);");
    project.apply(&["--allow-destructive", "acme.nowhere"]).exits(2).says(&[
        "no such table: acme.nowhere",
        "in: INSERT INTO acme.nowhere VALUES (1)",
        "note: 0003_three.sql was rolled back whole",
        "note: applied before and kept: 0001_one.sql, 0002_more.sql",
    ]);
    assert_eq!(ledger(&project).len(), 2);
    assert!(!has(&project, "three") && !has(&project, "four"));
    add(&project, "0003_three.sql", "CREATE TABLE acme.three (x integer);");
    project.apply(&[]).fine();
    assert_eq!(ledger(&project).len(), 4);
}

#[test]
fn there_and_back() {
    let project = two();
    project.apply(&["--to", "1"]).fine().says(&["1 migration run, now at 0001"]);
    let at_one = project.dump()["one"].clone();
    project.apply(&[]).fine();
    assert_ne!(project.dump()["one"], at_one);
    project.apply(&["--to", "1"]).exits(2).says(&[
        "error[destructive]: 0002_more.down.sql takes acme.one.y away",
        "help: if that is meant, add: --allow-destructive acme.one.y",
    ]);
    assert_eq!(ledger(&project).len(), 2);
    let run = project.apply(&["--to", "1", "--allow-destructive", "acme.one.y"]).fine();
    run.says(&["0002_more.down.sql", "now at 0001"]);
    assert_eq!(project.dump()["one"], at_one);
    assert_eq!(ledger(&project), ["1 one applied 2/2 2"]);
    project
        .apply(&["--to", "0"])
        .exits(2)
        .says(&["error[no-way-back]: 0001_one.sql has no way back: there is no 0001_one.down.sql"]);
    project.apply(&["--to", "9"]).exits(2).says(&[
        "error[unknown-migration]: there is no migration 0009",
        "help: there are 0001 to 0002; 0 is the state before the first",
    ]);
    let back = "-- idgraph: destructive acme.one\nDROP TABLE acme.one;";
    add(&project, "0001_one.down.sql", back);
    project.apply(&["--to", "0", "--allow-destructive", "acme.one"]).fine().says(&["now at 0000"]);
    assert!(!has(&project, "one") && ledger(&project).is_empty());
}

#[test]
fn nothing_is_taken_away_unasked() {
    let project = two();
    let text = "CREATE TABLE acme.two (x integer);\n-- idgraph: destructive acme.one.x\nALTER TABLE acme.one DROP COLUMN x;\n-- idgraph: destructive acme.one\nDROP TABLE acme.one;\n";
    add(&project, "0003_away.sql", text);
    let run = project.apply(&["--allow-destructive", "acme.one"]).exits(2);
    run.says(&["--allow-destructive acme.one.x", "0003_away.sql:3:1"]);
    assert!(!project.file().exists() || !has(&project, "one"), "not even the first file ran");
    let run = project.apply(&[]).exits(2);
    run.says(&["add: --allow-destructive acme.one\n", "add: --allow-destructive acme.one.x"]);
    let both = ["--allow-destructive", "acme.one", "--allow-destructive", "acme.one.x"];
    project.apply(&both).fine();
    assert!(!has(&project, "one") && has(&project, "two"));
    project.apply(&both).fine();
}

#[test]
fn what_the_files_and_the_ledger_disagree_about_is_said_before_anything_runs() {
    type Change = (&'static str, &'static dyn Fn(&Project));
    let cases: [Change; 4] = [
        (
            "error[migration-edited]: 0001_one.sql was edited after the database ran it",
            &|project| {
                add(project, "0001_one.sql", &FIRST.replace("(2)", "(3)"));
            },
        ),
        (
            "error[migration-missing]: the database has run 0002_more.sql, and there is no such file",
            &|project| {
                let folder = migrations::folder(project.folder(), "sqlite");
                fs::remove_file(folder.join("0002_more.sql")).unwrap();
                fs::remove_file(folder.join("0002_more.down.sql")).unwrap();
                migrations::record(project.folder(), "sqlite");
            },
        ),
        (
            "error[migration-moved]: the database has run 0001_one.sql, and number 1 is 0001_uno.sql now",
            &|project| {
                let folder = migrations::folder(project.folder(), "sqlite");
                fs::rename(folder.join("0001_one.sql"), folder.join("0001_uno.sql")).unwrap();
                migrations::record(project.folder(), "sqlite");
            },
        ),
        (
            "error[migration-order]: 0003_late.sql was not run, and the database is at 0004 already",
            &|project| {
                add(project, "0004_four.sql", "SELECT 1;");
                project.apply(&[]).fine();
                add(project, "0003_late.sql", "CREATE TABLE acme.late (x integer);");
            },
        ),
    ];
    for (says, change) in cases {
        let project = two();
        project.apply(&[]).fine();
        change(&project);
        add(&project, "0009_nine.sql", "CREATE TABLE acme.nine (x integer);");
        let before = project.dump();
        for further in [&[][..], &["--dry-run"]] {
            project.apply(further).exits(2).says(&[says, "help: "]);
        }
        assert_eq!(project.dump(), before);
    }
}

#[test]
fn without_a_transaction_it_goes_on_where_it_stopped() {
    let project = two();
    let text = "-- idgraph: no-transaction\n-- idgraph: destructive acme.one\nINSERT INTO acme.one VALUES (5, 5);\n\
        -- idgraph: destructive acme.late\nINSERT INTO acme.late VALUES (1);\n\
        -- idgraph: destructive acme.one\nINSERT INTO acme.one VALUES (6, 6);\n";
    let allowed = ["--allow-destructive", "acme.one", "--allow-destructive", "acme.late"];
    add(&project, "0003_apart.sql", text);
    add(&project, "0004_four.sql", "CREATE TABLE acme.four (x integer);");
    project
        .apply(&allowed)
        .exits(2)
        .says(&["no such table: acme.late", "apply goes on from there"]);
    let halfway =
        "3 apart applied 1/3 1 halfway database ./acme.db: no such table: acme.late in INSERT";
    assert!(halfway.starts_with(&ledger(&project)[2][..30]), "{:?}", ledger(&project));
    assert!(!has(&project, "four"));
    add(&project, "0003_apart.sql", &text.replace("(6, 6)", "(7, 7)"));
    project.apply(&[]).exits(2).says(&[
        "error[migration-edited]: 0003_apart.sql stopped halfway, and was edited since",
        "note: 1 of 3 statements done",
    ]);
    add(&project, "0003_apart.sql", text);
    project
        .apply(&["--to", "2"])
        .exits(2)
        .says(&["error[migration-halfway]: 0003_apart.sql stopped halfway"]);
    project.run("CREATE TABLE late (\n-- Built by idgraph.\nx integer)");
    project.apply(&allowed).fine().says(&["goes on after statement 1"]);
    assert_eq!(ledger(&project)[2], "3 apart applied 3/3 3");
    assert_eq!(project.dump()["one"].1.len(), 4, "the first statement ran once");
}

#[test]
fn a_dry_run_shows_all_of_it_and_changes_nothing() {
    let project = two();
    project.land_tables();
    let before = project.dump();
    let run = project.apply(&["--dry-run"]).fine().says(&["rolled back after", "nothing changed"]);
    for sql in ["ALTER TABLE acme.one ADD COLUMN y integer;", "INSERT INTO acme.idgraph_migrations"]
    {
        assert!(run.stdout.contains(sql), "{}", run.stdout);
    }
    assert_eq!(project.dump(), before);
    project.apply(&[]).fine();
    add(
        &project,
        "0003_apart.sql",
        "-- idgraph: no-transaction\n-- idgraph: destructive acme.one\nDELETE FROM acme.one WHERE x > 0;\n",
    );
    add(&project, "0004_four.sql", "CREATE TABLE acme.four (x integer);");
    let before = project.dump();
    let allowed = ["--dry-run", "--allow-destructive", "acme.one"];
    let run = project.apply(&allowed).fine().says(&["shown, not run"]);
    assert!(
        run.stdout.contains("DELETE FROM acme.one WHERE x > 0;")
            && run.stdout.contains("acme.four")
    );
    assert_eq!(project.dump(), before);
}

#[test]
fn columns_that_have_not_landed_yet_are_waited_for() {
    let project = two();
    let needs = "-- idgraph: needs acme.one.plan\n-- idgraph: destructive acme.one.x\nUPDATE acme.one SET x = plan;\n";
    let allowed = ["--allow-destructive", "acme.one.x"];
    add(&project, "0003_plan.sql", needs);
    project.apply(&allowed).exits(2).says(&[
        "error[not-landed]: there is no column acme.one.plan yet",
        "0003_plan.sql:1:1",
        "help: apply again when it has landed, or stop before this migration with --to N",
    ]);
    assert!(!project.file().exists() || !has(&project, "one"));
    add(
        &project,
        "0003_plan.sql",
        &format!("ALTER TABLE acme.one ADD COLUMN plan integer;\n{needs}"),
    );
    project.apply(&allowed).fine();
}

#[test]
fn what_others_made_is_left_alone_or_refused() {
    let project = Project::new(SMALL);
    project.run("CREATE TABLE landed (id text); CREATE TABLE one (x integer)");
    let landed = "CREATE TABLE IF NOT EXISTS acme.landed (id text, plan text);\nCREATE INDEX IF NOT EXISTS acme.landed_idx ON landed (id);\n-- idgraph: needs acme.landed.id varchar\nSELECT 1;\n";
    add(&project, "0001_landed.sql", landed);
    let before = project.dump()["landed"].clone();
    project.apply(&["--verbose"]).fine().says(&["acme.landed: there already, left alone"]);
    assert_eq!(project.dump()["landed"], before);
    assert!(!has(&project, "landed_idx"));
    for text in [
        "-- idgraph: destructive acme.one\nDROP TABLE acme.one;",
        "CREATE TABLE acme.two (\n    -- Built by idgraph.\n    x integer\n);\n-- idgraph: destructive acme.two\n-- idgraph: destructive acme.one\nDROP TABLE acme.two, acme.one;",
        "-- idgraph: destructive acme.one.x\nUPDATE acme.one SET x = 1;",
        "-- idgraph: destructive acme.one\nDELETE FROM acme.one;",
        "-- idgraph: destructive acme.one\nINSERT INTO acme.one VALUES (1);",
        "ALTER TABLE acme.one ADD COLUMN y integer;",
        "DROP VIEW IF EXISTS acme.one;\nCREATE VIEW acme.one AS SELECT 1 AS x;",
    ] {
        add(&project, "0002_one.sql", text);
        let allowed = ["acme.one", "acme.one.x", "acme.two"];
        let allowed: Vec<&str> =
            allowed.into_iter().flat_map(|name| ["--allow-destructive", name]).collect();
        let run = project.apply(&allowed).exits(2);
        run.says(&[
            "error[not-ours]: acme.one exists, and idgraph did not make it",
            "0002_one.sql:",
        ]);
        assert_eq!(project.dump()["one"].1.len(), 0);
    }
    let text = "CREATE TABLE acme.made (\n    -- Built by idgraph.\n    plan text\n);\n-- idgraph: needs acme.identifies.plan varchar\nINSERT INTO acme.made (plan) SELECT i.plan FROM acme.identifies AS i;\n";
    add(&project, "0002_one.sql", text);
    let before = project.dump()["identifies"].clone();
    project.apply(&[]).fine();
    assert_eq!(project.dump()["identifies"], before);
    assert!(has(&project, "made"));
}

#[test]
fn two_appliers_run_each_file_once() {
    let project = two();
    for number in 3..12 {
        add(
            &project,
            &format!("{number:04}_row.sql"),
            &format!(
                "-- idgraph: destructive acme.one\nINSERT INTO acme.one VALUES ({number}, 0);"
            ),
        );
    }
    let further = ["--lock-timeout", "60", "--allow-destructive", "acme.one"];
    let runs: Vec<_> = (0..4).map(|_| project.applying(&further)).collect();
    for run in runs {
        run.finish().fine();
    }
    assert_eq!(ledger(&project).len(), 11);
    assert_eq!(project.dump()["one"].1.len(), 11);
}

#[test]
fn a_database_that_is_there_already_is_taken_over_from_a_number() {
    let project = two();
    project.run("CREATE TABLE one (x integer, y integer); CREATE TABLE id_graph (x integer)");
    add(&project, "0003_three.sql", "CREATE TABLE acme.three (x integer);");
    let run = project.apply(&["--baseline", "2"]).fine();
    run.says(&[
        "acme.id_graph was made by others: idgraph will not change it",
        "acme.id_graph.segment_id is not there",
        "acme.external_id_mapping is not there",
        "2 migrations taken for applied, now at 0002",
    ]);
    assert_eq!(ledger(&project), ["1 one baseline 0/2 0", "2 more baseline 0/2 0"]);
    project.apply(&[]).fine().says(&["1 migration run, now at 0003"]);
    project.apply(&["--baseline", "2"]).exits(2).says(&["the database is past 0002 already"]);
    project
        .apply(&["--baseline", "3", "--adopt", "acme.id_grph"])
        .exits(2)
        .says(&["did you mean `acme.id_graph`?"]);
    project
        .apply(&["--baseline", "3", "--adopt", "acme.id_graph"])
        .exits(2)
        .says(&["acme.id_graph is not what the project asks for"]);
}

#[test]
fn where_there_are_no_migrations_their_options_are_refused() {
    let project = Project::new(SMALL);
    for further in [&["--to", "1"][..], &["--baseline", "1"], &["--allow-destructive", "a.b"]] {
        project
            .apply_alone(further)
            .exits(2)
            .says(&[&format!("{} is about migrations", further[0])]);
    }
    assert!(!project.file().exists());
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    for project in [Project::new(SMALL), two()] {
        let run = command::idgraph(project.folder(), &["apply", "--target", "local"]).exits(2);
        run.says(&["error[not-confirmed]: nobody is there to ask", "then say --yes"]);
        assert!(!project.file().exists());
        command::idgraph(project.folder(), &["apply", "--target", "local", "--dry-run"]).fine();
    }
}
