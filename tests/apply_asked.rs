//! On a terminal `idgraph apply` shows what it will run and asks; what runs then is that and nothing else.

#[path = "support/migrations.rs"]
mod migrations;
mod support;

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use support::command::command;
use support::postgres::Database;
use support::postgres::project::dump;
use support::{postgres, sqlite};

/// An apply on a terminal of its own, as `script` gives one.
struct Asking {
    child: Child,
    heard: String,
}

impl Asking {
    /// Starts it and waits until it asks.
    #[track_caller]
    fn until_asked(command: &Command) -> Self {
        let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy());
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let line: Vec<String> = words.map(quoted).collect();
        let mut script = Command::new("script");
        script.args(["-qec", &line.join(" "), "/dev/null"]);
        script.current_dir(command.get_current_dir().expect("a folder"));
        script.env("NO_COLOR", "1");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut asking =
            Self { child: child.expect("`script` of util-linux"), heard: String::new() };
        let mut byte = [0];
        while !asking.heard.ends_with("[y/N] ") {
            let read = asking.child.stdout.as_mut().expect("piped").read(&mut byte);
            assert_eq!(read.expect("stdout"), 1, "it ended unasked:\n{}", asking.heard);
            asking.heard.push_str(&String::from_utf8_lossy(&byte));
        }
        asking
    }

    /// Answers; returns the exit code, and all that it said.
    fn answer(mut self, answer: &str) -> (Option<i32>, String) {
        let mut stdin = self.child.stdin.take().expect("piped");
        stdin.write_all(answer.as_bytes()).expect("stdin");
        let mut rest = String::new();
        self.child.stdout.as_mut().expect("piped").read_to_string(&mut rest).expect("stdout");
        drop(stdin);
        (self.child.wait().expect("an end").code(), self.heard + &rest)
    }

    /// Answers yes, and is refused.
    #[track_caller]
    fn refused(self) {
        let (code, text) = self.answer("y\n");
        assert_eq!(code, Some(2), "{text}");
        for words in [
            "error[changed]: the database changed while you were asked",
            "what would run now is not what was shown",
            "run the command again",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}

const FIRST: &str = "CREATE TABLE acme.one (\n    -- Built by idgraph.\n    x integer\n);\n";
const SECOND: &str =
    "CREATE TABLE IF NOT EXISTS acme.two (\n    -- Built by idgraph.\n    x integer\n);\n";

fn on_sqlite() -> sqlite::Project {
    let project = sqlite::Project::new(sqlite::SMALL);
    let files = [("0001_one.sql", FIRST), ("0002_two.sql", SECOND)];
    migrations::write(project.folder(), "sqlite", &files);
    project
}

#[test]
fn a_person_is_shown_what_will_run_and_asked() {
    for (project, shown, made) in [
        (on_sqlite(), "0002_two.sql                                 1 statement", "one"),
        (
            sqlite::Project::new(sqlite::SMALL),
            "acme.id_graph                                created",
            "id_graph",
        ),
    ] {
        for answer in ["\n", "n\n", "yess\n"] {
            let (code, text) = Asking::until_asked(&project.command("apply", &[])).answer(answer);
            assert!(code == Some(3) && text.contains(shown), "{text}");
            assert!(text.contains("Apply this to local? [y/N]"), "{text}");
            assert!(text.contains("nothing changed") && !project.file().exists(), "{text}");
        }
        let (code, text) = Asking::until_asked(&project.command("apply", &[])).answer("y\n");
        assert!(code == Some(0) && project.dump().contains_key(made), "{text}");
    }
}

#[test]
fn what_another_changed_meanwhile_is_not_run_over_on_sqlite() {
    type Change = fn(&sqlite::Project);
    let changes: [Change; 3] = [
        // One of the files has run, all have, what one makes is there.
        |project| drop(project.apply(&["--to", "1"]).fine()),
        |project| drop(project.apply(&[]).fine()),
        |project| project.run("CREATE TABLE two (y text)"),
    ];
    for change in changes {
        let project = on_sqlite();
        let asking = Asking::until_asked(&project.command("apply", &[]));
        change(&project);
        let before = project.dump();
        asking.refused();
        assert_eq!(project.dump(), before);
    }
    // What it has nothing to do with does not matter.
    let project = on_sqlite();
    let asking = Asking::until_asked(&project.command("apply", &[]));
    project.run("CREATE TABLE other (y text)");
    let (code, text) = asking.answer("y\n");
    assert!(code == Some(0) && text.contains("2 migrations run, now at 0002"), "{text}");
}

#[test]
fn what_another_changed_meanwhile_is_not_run_over_on_postgres() {
    let made = |table: &str| {
        format!(
            "CREATE TABLE acme.{table} (x integer);\nCOMMENT ON TABLE acme.{table} IS 'Built by idgraph.';\n"
        )
    };
    let first = format!("CREATE SCHEMA IF NOT EXISTS acme;\n{}", made("one"));
    let second = made("two")
        .replace("TABLE acme", "TABLE IF NOT EXISTS acme")
        .replace("ON TABLE IF NOT EXISTS", "ON TABLE");
    let third = "CREATE TABLE IF NOT EXISTS acme.three (x integer);\nSELECT 1;\n";
    type Change = fn(&Database<'_>, &postgres::project::Project);
    let changes: [Change; 3] = [
        // In the ledger, in the catalog, in the record of what idgraph made.
        |_, project| drop(project.apply(&["--to", "2"]).fine()),
        |database, _| run(database, "CREATE TABLE acme.two (y text)"),
        |database, _| {
            let row = "'acme', 'three', 'table', 'acme.three'::regclass::oid::text, now()";
            run(database, &format!("INSERT INTO acme.idgraph_objects VALUES ({row})"));
        },
    ];
    for change in changes {
        let database = Database::new();
        let project = postgres::project::Project::new(postgres::project::SMALL, database.url());
        let files = [
            ("0001_one.sql", first.as_str()),
            ("0002_two.sql", &second),
            ("0003_three.sql", third),
        ];
        migrations::write(project.folder(), "postgres", &files);
        project.apply(&["--to", "1"]).fine();
        run(&database, &made("three"));
        let mut command = command(project.folder(), &["apply", "--target", "warehouse"]);
        command.env("DATABASE_URL", database.url());
        let asking = Asking::until_asked(&command);
        change(&database, &project);
        let before = dump(&database);
        asking.refused();
        assert_eq!(dump(&database), before);
    }
}

fn run(database: &Database<'_>, sql: &str) {
    database.client().batch_execute(sql).expect(sql);
}
