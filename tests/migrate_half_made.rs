//! A folder of migrations that is empty or half made is an error that says what happened, to every command that reads it: never
//! "up to date".

#[path = "support/command.rs"]
mod command;

use std::fs;

use command::idgraph;

const PROJECT: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    email: varchar
targets:
  local: { engine: sqlite, path: acme.db }
";

const COMMANDS: [&[&str]; 5] = [
    &["migrate", "check"],
    &["migrate", "new"],
    &["plan", "--target", "local"],
    &["apply", "--target", "local", "--yes"],
    &["status", "--target", "local"],
];

#[test]
fn no_command_takes_a_half_made_folder_for_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), PROJECT).expect("write");
    let migrations = folder.path().join("migrations/sqlite");
    idgraph(folder.path(), &["migrate", "new"]).fine();
    idgraph(folder.path(), &["apply", "--target", "local", "--yes"]).fine();
    let whole: Vec<_> = ["0001_initial.sql", "schema.json", "idgraph.sum"]
        .map(|name| (name, fs::read(migrations.join(name)).expect("a file")))
        .into();
    // Every part of it that a command which was cut off may leave.
    for kept in 0..1_usize << whole.len() {
        let kept: Vec<_> = whole
            .iter()
            .enumerate()
            .filter(|(at, _)| kept >> at & 1 == 1)
            .map(|(_, file)| file)
            .collect();
        if kept.len() == whole.len() {
            continue;
        }
        fs::remove_dir_all(&migrations).expect("remove");
        fs::create_dir_all(&migrations).expect("a folder");
        for (name, text) in &kept {
            fs::write(migrations.join(name), text).expect("write");
        }
        let names: Vec<_> = kept.iter().map(|(name, _)| *name).collect();
        // Migrations that are all written by hand have no record, and only what compares with it asks for it.
        let by_hand = ["0001_initial.sql", "idgraph.sum"];
        let commands = if names == by_hand { &COMMANDS[..2] } else { &COMMANDS[..] };
        for command in commands {
            let run = idgraph(folder.path(), command);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert_ne!(run.code, Some(0), "{command:?} with {names:?}:\n{said}");
            assert!(said.contains("error["), "{command:?} with {names:?}:\n{said}");
            assert!(!said.contains("up to date"), "{command:?} with {names:?}:\n{said}");
            assert!(said.contains("put") || said.contains("migrate sum"), "{said}");
        }
        // A refresh reads no migration: it says so where there is none.
        if !names.contains(&"0001_initial.sql") {
            let run = idgraph(folder.path(), &["refresh", "--target", "local"]);
            run.exits(2).says(&["error[migrations-half-made]"]);
        }
        if kept.is_empty() {
            let words = ["error[migrations-half-made]", "is empty: there is no migration in it"];
            idgraph(folder.path(), &["migrate", "new"]).exits(2).says(&words);
        }
    }
}
