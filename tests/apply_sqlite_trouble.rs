//! `idgraph apply` on SQLite when something is in its way: it says what, and nothing has changed.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::{Duration, Instant};

use command::{Run, finish};
use sqlite::{Project, SMALL, land};

/// A project that was applied, with rows that the next apply builds from.
fn project(rows: u32) -> Project {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    land(&project.open(), rows, "@one");
    project
}

/// Runs a command line with `idgraph apply` at its end.
fn apply_through(project: &Project, program: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(program);
    command.args(arguments).arg(env!("CARGO_BIN_EXE_idgraph"));
    command.args(["apply", "--yes", "--target", "local"]).current_dir(project.folder());
    finish(command)
}

/// As a user whom file modes bind, even where the tests run as root.
fn apply_without_privileges(project: &Project) -> Run {
    if fs::metadata("/proc/self").expect("a process").uid() != 0 {
        return project.apply(&[]);
    }
    let drop = ["--bounding-set", "-dac_override,-dac_read_search", "--"];
    apply_through(project, "setpriv", &drop)
}

#[test]
fn another_writer_is_waited_for_but_not_without_end() {
    let project = project(5);
    let before = project.dump();
    let other = project.open();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = Instant::now();
    let run = project.apply(&["--lock-timeout", "1"]).exits(2);
    assert!(start.elapsed() >= Duration::from_secs(1) && start.elapsed() < Duration::from_secs(10));
    assert_eq!(
        run.stderr.trim_end(),
        "error[locked]: another process is writing to ./acme.db; waited 1 s for it\n |\n \
         = note: SQLite does not say which\n \
         = help: wait for it to end, or give it longer with --lock-timeout SECONDS"
    );
    assert_eq!(project.dump(), before);

    let mut running = project.applying(&["--lock-timeout", "60"]);
    std::thread::sleep(Duration::from_millis(300));
    assert!(running.is_running());
    other.execute_batch("COMMIT").unwrap();
    running.finish().fine();
    assert_eq!(project.dump()["profile_traits"].1.len(), 5);
}

#[test]
fn two_appliers_do_not_collide() {
    let project = project(500);
    let runs: Vec<_> = (0..4).map(|_| project.applying(&["--lock-timeout", "60"])).collect();
    for run in runs {
        run.finish().fine();
    }
    assert_eq!(project.dump()["profile_traits"].1.len(), 500);
}

#[test]
fn two_first_appliers_do_not_collide_either() {
    let project = Project::new(SMALL);
    let runs: Vec<_> = (0..4).map(|_| project.applying(&["--lock-timeout", "60"])).collect();
    for run in runs {
        run.finish().fine();
    }
}

#[test]
fn ctrl_c_while_it_waits_ends_it() {
    let project = project(5);
    let other = project.open();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let running = project.applying(&["--lock-timeout", "600"]);
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    running.interrupt();
    let run = running.finish().exits(2);
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(
        run.stderr.trim_end(),
        "error[interrupted]: stopped by Ctrl-C; everything was rolled back\n |\n \
         = note: the database is as it was before\n = help: run the command again when you like"
    );
}

#[test]
fn ctrl_c_during_a_long_statement_ends_it_and_changes_nothing() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    // Each row's merge leads on to the next: a long way to go.
    project.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
         INSERT INTO id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
         SELECT 'g' || i, 'p' || i, 'p' || (i + 1), '2024-01-01 00:00:00' FROM n;
         CREATE TABLE seen AS SELECT * FROM id_graph;",
    );
    let before = fs::read(project.file()).unwrap();
    let mut running = project.applying(&["--verbose"]);
    running.hears("acme.identifies ");
    std::thread::sleep(Duration::from_millis(200));
    assert!(running.is_running(), "more rows are needed for this test");
    let start = Instant::now();
    running.interrupt();
    let run = running.finish().exits(2);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    run.says(&["error[interrupted]: stopped by Ctrl-C; everything was rolled back"]);
    assert!(fs::read(project.file()).unwrap() == before);
    assert_eq!(project.files(), ["acme.db", "idgraph.yml"], "no journal is left");
}

/// No message, since nobody is there to write it; what the next one finds is the state of before.
#[test]
fn a_killed_apply_leaves_the_state_of_before() {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    land(&project.open(), 50_000, "@one");
    let mut running = project.applying(&["--verbose"]);
    running.hears("acme.identifies ");
    running.kill();
    assert_eq!(running.finish().code, None);
    let dump = project.dump();
    assert_eq!((dump["id_graph"].1.len(), dump["profile_traits"].1.len()), (0, 0));
    project.apply(&[]).fine();
    assert_eq!(project.dump()["profile_traits"].1.len(), 50_000);
}

#[test]
fn a_file_that_is_no_database_is_explained() {
    let project = Project::new(SMALL);
    fs::write(
        project.file(),
        "Dear diary, this is a text that is long enough to have a header. ".repeat(20),
    )
    .unwrap();
    let before = fs::read(project.file()).unwrap();
    for arguments in [&[][..], &["--dry-run"]] {
        project.apply(arguments).exits(2).says(&[
            "database ./acme.db: file is not a database",
            "help: the target's `path` names a file that is no SQLite database",
        ]);
    }
    let show = command::idgraph(project.folder(), &["show", "id_graph", "--target", "local"]);
    show.exits(2).says(&["file is not a database"]);
    assert_eq!(fs::read(project.file()).unwrap(), before);
}

#[test]
fn a_folder_that_is_not_there_and_a_path_that_is_a_folder_are_explained() {
    let project = Project::new(SMALL);
    let text = fs::read_to_string(project.folder().join("idgraph.yml")).unwrap();
    let applied = |path: &str| {
        fs::write(project.folder().join("idgraph.yml"), text.replace("acme.db", path)).unwrap();
        project.apply(&[]).exits(2)
    };
    applied("no/where.db").says(&[
        "database ./no/where.db: ",
        "unable to open database",
        "check that the folder exists and that you may write to it and to the file",
    ]);
    fs::create_dir_all(project.folder().join("folder")).unwrap();
    applied("folder").says(&["error[file-not-regular]: ./folder is not a regular file"]);
}

#[test]
fn a_read_only_file_is_explained() {
    let project = project(5);
    let before = project.dump();
    fs::set_permissions(project.file(), fs::Permissions::from_mode(0o444)).unwrap();
    let run = apply_without_privileges(&project).exits(2);
    run.says(&[
        "database ./acme.db: attempt to write a readonly database",
        "help: check that the folder exists and that you may write to it and to the file",
    ]);
    assert_eq!(project.dump(), before);
}

#[test]
fn a_read_only_folder_is_explained() {
    let project = project(5);
    let before = project.dump();
    fs::set_permissions(project.folder(), fs::Permissions::from_mode(0o555)).unwrap();
    // The journal has no place to be.
    let run = apply_without_privileges(&project).exits(2);
    run.says(&[
        "database ./acme.db: ",
        "check that the folder exists and that you may write to it",
    ]);
    fs::remove_file(project.file()).ok();
    fs::set_permissions(project.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    if project.file().exists() {
        assert_eq!(project.dump(), before);
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let project = project(2000);
    let before = project.dump();
    let blocks = fs::metadata(project.file()).unwrap().len() / 512 + 8;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let run = apply_through(&project, "sh", &["-c", &script, "sh"]).exits(2);
    run.says(&["error[statement-failed]: database ./acme.db: "]);
    assert_eq!(project.dump(), before);
    project.apply(&[]).fine();
    assert_eq!(project.dump()["profile_traits"].1.len(), 2000);
}

#[test]
fn of_two_files_the_one_that_lands_is_never_written() {
    let text = SMALL.replace("space: acme\n", "space: acme\nmodels_schema: built\n");
    let project = Project::new(&text);
    project.apply(&[]).fine();
    land(&project.open(), 5, "@one");
    let models = project.folder().join("acme.built.db");
    let before = (project.dump(), sqlite::dump(&models));
    // A reader in the models' file keeps the commit from ending.
    let reader = rusqlite::Connection::open(&models).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM id_graph;").unwrap();
    project.change(&text.replace("columns:", "columns:\n    plan: varchar"));
    project.apply_alone(&["--lock-timeout", "1"]).exits(2).says(&["database is locked"]);
    assert_eq!(sqlite::dump(&models), before.1);
    drop(reader);
    project.apply_alone(&[]).fine();
    assert_eq!(project.dump(), before.0, "what lands is never written");
    assert_eq!(project.files(), ["acme.built.db", "acme.db", "idgraph.yml"]);
}

#[test]
fn triggers_of_others_do_not_run() {
    let project = project(3);
    let sql =
        "CREATE TRIGGER theirs AFTER INSERT ON id_graph BEGIN SELECT RAISE(FAIL, 'theirs'); END";
    project.open().execute_batch(sql).expect(sql);
    project.apply(&[]).fine();
    finish(project.command("verify", &[])).fine();
}
