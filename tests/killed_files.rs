//! A command that writes files and is killed leaves, for the next one, all of the old or all of the new.
#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use command::{command, idgraph};
use tempfile::TempDir;

const OLD: &str = "space: acme
dialects: [postgres, snowflake, bigquery, sqlite]
traits: { columns: { email: varchar } }
models: { resolved_events: {} }
";

/// How often each command is killed.
const KILLS: u32 = 12;

const FIXTURE: &str = "batches:
  - land:
      id_graph_updates:
        - { segment_id: p, canonical_segment_id: p, uuid_ts: 2022-01-01 00:00:00 }
    expect:
      id_graph: []
";

type Tree = BTreeMap<PathBuf, String>;

fn tree(folder: &Path, root: &Path) -> Tree {
    let mut found = Tree::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(tree(&path, root));
        } else {
            let text = fs::read_to_string(&path).expect("text");
            found.insert(path.strip_prefix(root).expect("below").to_owned(), text);
        }
    }
    found
}

fn copy(tree: &Tree) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in tree {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("write");
    }
    folder
}

/// The project with all its files written, then changed.
fn begin() -> Tree {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), OLD).expect("write");
    for arguments in [&["render"][..], &["migrate", "new"], &["docs"]] {
        idgraph(folder.path(), arguments).fine();
    }
    let new = OLD
        .replace("email: varchar", "email: varchar, plan: varchar")
        .replace("models: { resolved_events: {} }\n", "")
        .replace(", sqlite]", ", redshift]");
    fs::write(folder.path().join("idgraph.yml"), new).expect("write");
    for name in ["a", "b", "c"] {
        let path = folder.path().join(format!("fixtures/{name}.yml"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, FIXTURE).expect("write");
    }
    tree(folder.path(), folder.path())
}

/// Kills a command at many moments of its writing; `next` is what comes after it.
fn kill(arguments: &[&str], old: &Tree, next: &[&str]) {
    let fine = copy(old);
    let start = Instant::now();
    idgraph(fine.path(), arguments).fine();
    let whole = start.elapsed();
    let new = tree(fine.path(), fine.path());
    assert_ne!(*old, new);
    for kill in 0..KILLS {
        let folder = copy(old);
        let mut child = command(folder.path(), arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("start");
        // A third of them at moments spread over the run, a third while new files are made, a third while they take the
        // places of the old ones.
        let has_begun = |name: &str| {
            let at =
                |root: &&str| folder.path().join(root).join(".idgraph-work").join(name).exists();
            ["", "sql", "docs-site"].iter().any(at)
        };
        let mut wait =
            |name: &str| while !has_begun(name) && child.try_wait().expect("a child").is_none() {};
        match kill % 3 {
            0 => std::thread::sleep(whole * kill / KILLS),
            1 => wait(""),
            _ => wait("record"),
        }
        if kill % 3 > 0 {
            std::thread::sleep(Duration::from_micros(u64::from(kill) * 30));
        }
        let _ = child.kill();
        child.wait().expect("a child");
        let run = idgraph(folder.path(), next);
        assert!(matches!(run.code, Some(0 | 1)), "{arguments:?}: {}", run.stderr);
        let found = tree(folder.path(), folder.path());
        let differs = |other: &Tree| {
            let keys = found.keys().chain(other.keys());
            keys.filter(|key| found.get(*key) != other.get(*key)).cloned().collect::<Vec<_>>()
        };
        let (from_old, from_new) = (differs(old), differs(&new));
        assert!(
            from_old.is_empty() || from_new.is_empty(),
            "{arguments:?}, kill {kill}: {from_old:?} from old, {from_new:?} from new"
        );
        // And it can be run again.
        if kill % 4 == 0 {
            idgraph(folder.path(), arguments).fine();
            assert_eq!(tree(folder.path(), folder.path()), new, "{arguments:?}");
        }
    }
}

#[test]
fn killed_commands_leave_old_or_new_over_all_dialects() {
    let old = begin();
    kill(&["render"], &old, &["render", "--check"]);
    kill(&["docs"], &old, &["docs", "--check"]);
    kill(&["migrate", "new"], &old, &["migrate", "check"]);
    kill(&["test", "--update"], &old, &["lint"]);
    let mut edited = old.clone();
    for (path, text) in &mut edited {
        if path.extension().is_some_and(|end| end == "sql") && path.starts_with("migrations") {
            text.push_str("\n-- edited\n");
        }
    }
    kill(&["migrate", "sum"], &edited, &["render", "--check"]);
    let mut export = old;
    let rows = "table_name,column_name,data_type\nidentifies,city,text\n";
    export.insert("c.csv".into(), rows.to_owned());
    kill(&["introspect", "--from", "c.csv", "--dialect", "postgres"], &export, &["lint"]);
}

#[test]
fn what_is_left_of_a_killed_run_is_no_migration() {
    let folder = copy(&begin());
    let work = folder.path().join(".idgraph-work");
    fs::create_dir(&work).unwrap();
    for name in ["new-0", "old-0", "record-begun"] {
        fs::write(work.join(name), "half").unwrap();
    }
    idgraph(folder.path(), &["migrate", "new"]).fine();
    assert!(!work.exists());
    idgraph(folder.path(), &["migrate", "check"]).fine();
}

#[test]
fn a_file_of_the_user_is_never_removed_because_it_kept_our_first_lines() {
    let folder = copy(&begin());
    let sql = folder.path().join("sql");
    let copied = sql.join("postgres/20_id_graph_mine.sql");
    fs::copy(sql.join("postgres/20_id_graph.sql"), &copied).unwrap();
    // One that render would remove, edited.
    let edited = sql.join("postgres/30_resolved_events.sql");
    let text = fs::read_to_string(&edited).unwrap() + "SELECT 1;\n";
    fs::write(&edited, &text).unwrap();
    let run = idgraph(folder.path(), &["render", "--check"]).exits(1);
    assert!(run.stdout.contains("edited    sql/postgres/20_id_graph_mine.sql\n"), "{}", run.stdout);
    assert!(
        run.stdout.contains("edited    sql/postgres/30_resolved_events.sql\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("leftover  sql/snowflake/30_resolved_events.sql\n"));
    let run = idgraph(folder.path(), &["render"]).fine();
    run.says(&[
        "sql/postgres/20_id_graph_mine.sql stays",
        "sql/postgres/30_resolved_events.sql stays",
    ]);
    assert_eq!(fs::read_to_string(&edited).unwrap(), text);
    assert!(copied.exists() && !sql.join("snowflake/30_resolved_events.sql").exists());
    assert!(!sql.join("sqlite").exists());
}

#[test]
fn the_demo_discards_nothing_that_was_edited() {
    let folder = tempfile::tempdir().unwrap();
    idgraph(folder.path(), &["demo"]).fine();
    let demo = folder.path().join("idgraph-demo");
    idgraph(folder.path(), &["demo"]).fine();
    let project = demo.join("idgraph.yml");
    let edited = fs::read_to_string(&project).unwrap() + "# mine\n";
    fs::write(&project, &edited).unwrap();
    idgraph(folder.path(), &["demo"]).exits(2).says(&["error[exists]"]);
    assert_eq!(fs::read_to_string(&project).unwrap(), edited);

    for change in ["sql", "database"] {
        let folder = tempfile::tempdir().unwrap();
        idgraph(folder.path(), &["demo"]).fine();
        let demo = folder.path().join("idgraph-demo");
        let path = match change {
            "sql" => demo.join("sql/postgres/20_id_graph.sql"),
            _ => demo.join("acme.db"),
        };
        if change == "sql" {
            let text = fs::read_to_string(&path).unwrap() + "-- mine\n";
            fs::write(&path, text).unwrap();
        } else {
            let connection = rusqlite::Connection::open(&path).unwrap();
            connection.execute_batch("CREATE TABLE mine (a)").unwrap();
        }
        let before = fs::read(&path).unwrap();
        idgraph(folder.path(), &["demo"]).exits(2).says(&["error[exists]"]);
        assert_eq!(fs::read(&path).unwrap(), before, "{change}");
    }
}
