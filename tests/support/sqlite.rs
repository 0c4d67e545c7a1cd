//! A project whose target is an SQLite file, and what that file holds.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use sha1::{Digest, Sha1};
use tempfile::TempDir;

use super::command::{self, Run, Running, finish};
use super::landed;

/// A project in a folder of its own, with the target `local` that is the file `acme.db`.
pub struct Project(TempDir);

/// What a project says besides its target.
pub const SMALL: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    email: varchar
";

impl Project {
    pub fn new(text: &str) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.change(text);
        project
    }

    /// Writes another text.
    pub fn change(&self, text: &str) {
        let text = format!("{text}targets:\n  local: {{ engine: sqlite, path: acme.db }}\n");
        fs::write(self.folder().join("idgraph.yml"), text).expect("write");
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self) -> PathBuf {
        self.folder().join("acme.db")
    }

    /// A command of `idgraph` on the target.
    pub fn command(&self, name: &str, further: &[&str]) -> Command {
        let arguments = [&[name, "--target", "local"], further].concat();
        command::command(self.folder(), &arguments)
    }

    /// Makes the landed tables that are not there, as Segment does.
    pub fn land_tables(&self) {
        let text = fs::read_to_string(self.folder().join("idgraph.yml")).unwrap_or_default();
        landed::on_sqlite(&text, &self.file());
    }

    /// Applies to what is there.
    pub fn apply_alone(&self, further: &[&str]) -> Run {
        finish(self.command("apply", &[&["--yes"], further].concat()))
    }

    /// Applies, once Segment has made its tables.
    pub fn apply(&self, further: &[&str]) -> Run {
        self.land_tables();
        finish(self.command("apply", &[&["--yes"], further].concat()))
    }

    pub fn refresh(&self, further: &[&str]) -> Run {
        finish(self.command("refresh", further))
    }

    pub fn applying(&self, further: &[&str]) -> Running {
        self.land_tables();
        Running::start(self.command("apply", &[&["--yes"], further].concat()))
    }

    /// The names of the files in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).expect("a folder").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A session with the file.
    pub fn open(&self) -> Connection {
        Connection::open(self.file()).expect("open")
    }

    #[track_caller]
    pub fn run(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    pub fn dump(&self) -> Dump {
        dump(&self.file())
    }
}

/// Everything that a file holds, times of refreshes aside: for each object, the text that made it and its rows in their order.
pub type Dump = BTreeMap<String, (String, Vec<Vec<Value>>)>;

pub fn dump(file: &Path) -> Dump {
    let connection = Connection::open(file).expect("open");
    add_sha1(&connection);
    let mut objects = connection
        .prepare("SELECT name, type, coalesce(sql, '') FROM sqlite_master WHERE name <> 'idgraph_refreshes'")
        .expect("a database");
    let objects = objects.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    });
    let mut dump = Dump::new();
    for object in objects.expect("objects") {
        let (name, kind, sql) = object.expect("an object");
        let mut rows = Vec::new();
        if kind != "index" {
            let quoted = name.replace('"', "\"\"");
            let mut statement =
                connection.prepare(&format!("SELECT * FROM \"{quoted}\"")).expect("a table");
            let width = statement.column_count();
            let mut found = statement.query([]).expect("rows");
            while let Some(row) = found.next().expect("a row") {
                rows.push((0..width).map(|index| row.get(index).expect("a value")).collect());
            }
        }
        dump.insert(name, (sql, rows));
    }
    dump
}

/// The function that SQLite lacks.
pub fn add_sha1(connection: &Connection) {
    connection
        .create_scalar_function("sha1", 1, FunctionFlags::SQLITE_UTF8, |context| {
            let text: Option<String> = context.get(0)?;
            let hex = |text: String| {
                Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
            };
            Ok(text.map(hex) as Option<String>)
        })
        .expect("a function");
}

/// Lands profiles 1 to `count`, each with an e-mail address that ends in `mark`.
pub fn land(connection: &Connection, count: u32, mark: &str) {
    connection
        .execute_batch(&format!(
            "BEGIN;
             DELETE FROM id_graph_updates;
             DELETE FROM identifies;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
             SELECT 'g' || i, 'p' || i, 'p' || i, '2024-01-01 00:00:00' FROM n;
             INSERT INTO identifies (id, segment_id, timestamp, email)
             SELECT 'i' || id, segment_id, timestamp, segment_id || '{mark}' FROM id_graph_updates;
             COMMIT;"
        ))
        .expect("land");
}
