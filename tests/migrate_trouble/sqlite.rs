//! On SQLite: what a kill leaves on the disk at every statement; a disk that is full.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use idgraph::dialect::{Dialect, Library};
use idgraph::engine::{self, Access, Engine, Interrupt};
use idgraph::migrate::{Event, Folder, Ledger, Runner, check, folder_of, pending};
use idgraph::project::{Known, Project};
use idgraph::render::{Bookkeeping, Changes};
use idgraph::warehouse::Warehouse;

use crate::files::{State, all};
use crate::migrations;
use crate::support::command::{command, finish};

const PROJECT: &str = "space: acme
dialects: [sqlite]
targets:
  local: { engine: sqlite, path: acme.db }
";

/// Every file of a folder. Who is killed leaves the files as they are at that moment, a journal included.
type Files = BTreeMap<String, Vec<u8>>;

pub fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), PROJECT).unwrap();
    let files = all("\n    -- Built by idgraph.\n    ", |_| String::new());
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    migrations::write(folder.path(), "sqlite", &files);
    folder
}

/// Applies by the library; `before` is called before each statement.
fn apply(folder: &Path, mut before: impl FnMut()) {
    let library = Library::embedded();
    let known = Known { dialects: library.names(), engines: engine::known() };
    let path = folder.join("idgraph.yml");
    let project = Project::read(&path, &known).unwrap();
    let warehouse = Warehouse::of(&project);
    let dialect = Dialect::load(&library, "sqlite").unwrap();
    let mut engine = engine::connect(&project, "local", Access::Create).unwrap();
    let interrupt = Interrupt::default();
    engine.lock("acme", Duration::from_secs(10), &interrupt).unwrap();
    let catalog = engine.catalog(&["acme"]).unwrap();
    let ledger = Ledger::read(engine.as_mut(), &catalog, "acme").unwrap();
    let migrations = Folder::read(&folder_of(&path, "sqlite")).unwrap().unwrap();
    let runs = pending(&migrations, &dialect, &ledger, None).unwrap();
    let changes = Changes::new(&warehouse, &dialect, &library).unwrap();
    let by = (&dialect, &changes);
    let checked = check(runs, &catalog, by, &[], &Default::default()).unwrap();
    let books = Bookkeeping::new(&warehouse, &dialect, &library).unwrap();
    let mut tell = |event: &Event<'_>| {
        if matches!(event, Event::Sql(_)) {
            before();
        }
        Ok(())
    };
    let engine: &mut dyn Engine = engine.as_mut();
    let mut runner = Runner {
        patience: Duration::from_secs(10),
        engine,
        books: &books,
        schema: "acme",
        interrupt: &interrupt,
        tell: &mut tell,
        is_dry: false,
        only_shows: false,
    };
    runner.run(&checked).unwrap_or_else(|error| panic!("{error}"));
}

pub fn state(file: &Path) -> State {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut state = State::default();
    let exists = |table: &str| -> bool {
        let sql = "SELECT count(*) FROM sqlite_master WHERE name = ?1";
        connection.query_row(sql, [table], |row| row.get::<_, i64>(0)).unwrap() > 0
    };
    if exists("idgraph_migrations") {
        let sql = "SELECT number, finished_at IS NOT NULL, statements_done FROM idgraph_migrations";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
        state.ledger = rows.unwrap().map(Result::unwrap).collect();
    }
    for number in 1..=10 {
        let table = format!("idgraph_t{number}");
        if exists(&table) {
            let mut statement = connection.prepare(&format!("SELECT x FROM {table}")).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            state.tables.insert(number, rows.map(Result::unwrap).collect());
        }
    }
    state
}

#[test]
fn killed_at_any_statement_nothing_is_half_applied_and_the_next_finishes() {
    let folder = project();
    let moments = RefCell::new(Vec::<Files>::new());
    apply(folder.path(), || {
        let entries = fs::read_dir(folder.path()).unwrap().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        moments
            .borrow_mut()
            .push(files.map(|entry| (name(&entry), fs::read(entry.path()).unwrap())).collect());
    });
    state(&folder.path().join("acme.db")).is_done("undisturbed");
    let moments = moments.into_inner();
    assert!(moments.len() > 60, "ten files have more than {} statements", moments.len());
    let mut counts = Vec::new();
    for (at, files) in moments.iter().enumerate() {
        let place = project();
        for (name, bytes) in files {
            fs::write(place.path().join(name), bytes).unwrap();
        }
        let when = format!("killed at statement {at}");
        counts.push(state(&place.path().join("acme.db")).holds(&when));
        apply(place.path(), || ());
        state(&place.path().join("acme.db")).is_done(&when);
    }
    counts.dedup();
    // With the tenth done nothing is left to be killed at: that end was looked at above.
    assert_eq!(counts, (0..10).collect::<Vec<_>>(), "every state in between was seen");
}

/// A limit on the size of a file stands in for the disk, see `disk.rs`: it needs no rights, and a write fails in the same way.
#[test]
fn a_full_disk_takes_the_running_file_back_and_the_next_finishes() {
    let mut counts = Vec::new();
    // In units of 512 bytes: a page more each time.
    for room in (8..).step_by(8) {
        let folder = project();
        let script = format!("trap '' XFSZ; ulimit -f {room}; exec \"$@\"");
        let idgraph = command(folder.path(), &["apply", "--target", "local", "--yes"]);
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(folder.path()).arg("-c").arg(script).arg("sh");
        shell.arg(idgraph.get_program()).args(idgraph.get_args());
        let run = finish(shell);
        let when = format!("with room for {room} blocks");
        let file = folder.path().join("acme.db");
        if run.code == Some(0) {
            state(&file).is_done(&when);
            break;
        }
        let run = run.exits(2).says(&["error[", "acme.db"]);
        let done = state(&file).holds(&when);
        if done > 0 {
            run.says(&["was rolled back whole"]);
        }
        counts.push(done);
        apply(folder.path(), || ());
        state(&file).is_done(&when);
    }
    counts.dedup();
    assert!(counts.len() > 4, "the disk was full at {counts:?} files only");
}
