//! A project with one target, on Postgres or on SQLite, and what the database there holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use postgres::Client;
use rusqlite::Connection;
use tempfile::TempDir;

use super::edits::Sketch;
use super::support::command::idgraph;
use super::support::landed::{self, Column};
use super::support::postgres::Database;
use super::support::sqlite::add_sha1;

/// The columns of what was read that have a number of the database's own.
const NUMBERS: [&str; 2] = ["\"object_id\"", "\"landed_id\""];

/// What a catalog says of each object, a line each.
pub type Catalog = BTreeMap<String, BTreeSet<String>>;

pub struct Place {
    folder: TempDir,
    database: Option<Database<'static>>,
}

/// One on each engine.
pub fn both() -> [Place; 2] {
    [Place::new(false), Place::new(true)]
}

const COLUMNS: &str = "
SELECT c.relname::text, a.attname::text, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
    || coalesce(col_description(c.oid, a.attnum), '')
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'acme'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped";

const OBJECTS: &str = "
SELECT relname::text, relkind::text || ' ' || coalesce(obj_description(oid, 'pg_class'), '')
FROM pg_class WHERE relnamespace = 'acme'::regnamespace AND relkind IN ('r', 'v')
UNION ALL
SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'acme'";

impl Place {
    fn new(is_sqlite: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, database: (!is_sqlite).then(Database::sorting_by_language) }
    }

    pub fn name(&self) -> &'static str {
        if self.database.is_some() { "postgres" } else { "sqlite" }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the project.
    pub fn write(&self, yaml: &str) {
        let target = match &self.database {
            Some(database) => format!("{{ engine: postgres, url: \"{}\" }}", database.url()),
            None => "{ engine: sqlite, path: acme.db }".to_owned(),
        };
        let yaml = format!("dialects: [{}]\n{yaml}targets:\n  it: {target}\n", self.name());
        fs::write(self.folder().join("idgraph.yml"), yaml).expect("write");
    }

    /// The ways forward.
    pub fn migrations(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder().join("migrations").join(self.name()));
        let mut files: Vec<_> =
            entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        let name = |path: &PathBuf| path.to_string_lossy().into_owned();
        files.retain(|path| name(path).ends_with(".sql") && !name(path).ends_with(".down.sql"));
        files.sort();
        files
    }

    /// Runs a command on the target.
    pub fn run(&self, command: &[&str]) -> Result<(), String> {
        let run = idgraph(self.folder(), &[command, &["--target", "it"]].concat());
        if run.code == Some(0) { Ok(()) } else { Err(format!("{command:?}:\n{}", run.stderr)) }
    }

    /// Applies; all that is destructive is allowed.
    pub fn apply(&self, further: &[&str]) -> Result<(), String> {
        let mut allowed = BTreeSet::new();
        for up in self.migrations() {
            for path in [up.with_extension("down.sql"), up] {
                let text = fs::read_to_string(path).unwrap_or_default();
                let objects =
                    text.lines().filter_map(|line| line.strip_prefix("-- idgraph: destructive "));
                allowed.extend(objects.map(str::to_owned));
            }
        }
        let allowed: Vec<_> = allowed.iter().flat_map(|one| ["--allow-destructive", one]).collect();
        self.run(&[&["apply", "--yes"], further, &allowed].concat())
    }

    fn client(&self) -> Option<Client> {
        self.database.as_ref().map(Database::client)
    }

    fn file(&self) -> Connection {
        let connection = Connection::open_in_memory().expect("open");
        add_sha1(&connection);
        let path = self.folder().join("acme.db").display().to_string();
        connection.execute("ATTACH ?1 AS acme", [path]).expect("attach");
        connection
    }

    fn execute(&self, sql: &str) {
        match self.client() {
            Some(mut client) => {
                client.batch_execute(sql).unwrap_or_else(|why| panic!("{why}: {sql}"))
            }
            None => self.file().execute_batch(sql).unwrap_or_else(|why| panic!("{why}: {sql}")),
        }
    }

    /// Makes what of the project's landed tables and columns is not there, as Segment does with the first value.
    pub fn grow(&self) {
        let text = fs::read_to_string(self.folder().join("idgraph.yml")).expect("the project");
        let project = landed::project(&text).expect("a project");
        match &self.database {
            Some(database) => landed::on_postgres(&text, &database.url()),
            None => landed::on_sqlite(&text, &self.folder().join("acme.db")),
        }
        let had = self.catalog();
        for Column { table, column, sql_type } in landed::columns(&project, self.name()) {
            let begins = format!("column {column} ");
            if !had[&table].iter().any(|line| line.starts_with(&begins)) {
                let sql = format!("ALTER TABLE acme.{table} ADD COLUMN \"{column}\" {sql_type}");
                self.execute(&sql);
            }
        }
    }

    /// Lands some rows in every table that the project uses.
    pub fn land(&self, sketch: &Sketch, seed: u64, batch: usize) {
        let mut dice = Dice(seed | 1);
        let mut sql = String::new();
        let mut tables =
            vec![("id_graph_updates".to_owned(), vec![("canonical_segment_id", "segment")])];
        let mut external = vec![("external_id_type", "kind"), ("external_id_value", "varchar")];
        if sketch.removals {
            external.push(("__operation", "operation"));
        }
        tables.push(("external_id_mapping_updates".to_owned(), external));
        let from = if sketch.updates { "profile_traits_updates" } else { "identifies" };
        tables.push((from.to_owned(), sketch.lands()));
        for (event, properties) in &sketch.events {
            tables.push((event.to_lowercase().replace(' ', "_"), properties.clone()));
        }
        for (table, columns) in tables {
            for row in 0..4 {
                let time = format!("2022-01-{:02} {:02}:00:00", batch % 28 + 1, dice.roll(24));
                let mut names = String::from("id, segment_id, timestamp, received_at, uuid_ts");
                let mut values = format!(
                    "'{batch}-{row}-{}', '{}', '{time}', '{time}', '{time}'",
                    dice.roll(1000),
                    dice.segment()
                );
                for (name, kind) in &columns {
                    names.push_str(&format!(", \"{name}\""));
                    values.push_str(&format!(", {}", dice.value(kind)));
                }
                sql.push_str(&format!("INSERT INTO acme.{table} ({names}) VALUES ({values});\n"));
            }
        }
        self.execute(&sql);
    }

    pub fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::new();
        let mut add = |object: String, line: String| {
            if !["idgraph_migrations", "idgraph_refreshes", "idgraph_objects"]
                .contains(&object.as_str())
            {
                catalog.entry(object).or_default().insert(line);
            }
        };
        if let Some(mut client) = self.client() {
            for row in client.query(COLUMNS, &[]).expect("columns") {
                add(row.get(0), format!("column {}", row.get::<_, String>(2)));
            }
            for row in client.query(OBJECTS, &[]).expect("objects") {
                add(row.get(0), row.get(1));
            }
            return catalog;
        }
        let connection = self.file();
        let sql = "SELECT tbl_name, name, type, CASE WHEN type = 'index' THEN sql END FROM acme.sqlite_master";
        let mut statement = connection.prepare(sql).expect("a database");
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let (table, name, kind): (String, String, String) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let index: Option<String> = row.get(3).unwrap();
            add(table.clone(), format!("{kind} {name} {}", index.unwrap_or_default()));
            if kind != "index" {
                let sql = format!("PRAGMA acme.table_info(\"{table}\")");
                let mut columns = connection.prepare(&sql).expect("columns");
                let mut columns = columns.query([]).expect("columns");
                while let Some(column) = columns.next().expect("a column") {
                    let (name, column_type): (String, String) =
                        (column.get(1).unwrap(), column.get(2).unwrap());
                    // What SQLite says of a view's columns is the type of a column that they are taken from, if any.
                    let column_type = if kind == "view" { String::new() } else { column_type };
                    add(table.clone(), format!("column {name} {}", column_type.to_lowercase()));
                }
            }
        }
        catalog
    }

    /// The rows of an object, in these columns, sorted.
    fn rows(&self, object: &str, columns: &str) -> Vec<String> {
        let mut rows: Vec<String> = if let Some(mut client) = self.client() {
            let sql = format!(
                "SELECT to_jsonb(t)::text FROM (SELECT {columns} FROM acme.\"{object}\") AS t"
            );
            let rows = client.query(&sql, &[]).unwrap_or_else(|why| panic!("{why}: {sql}"));
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let connection = self.file();
            let sql = format!("SELECT {columns} FROM acme.\"{object}\"");
            let mut statement =
                connection.prepare(&sql).unwrap_or_else(|why| panic!("{why}: {sql}"));
            let width = statement.column_count();
            let rows = statement
                .query_map([], |row| {
                    let cells = (0..width).map(|at| row.get::<_, rusqlite::types::Value>(at));
                    Ok(format!("{:?}", cells.collect::<Result<Vec<_>, _>>()?))
                })
                .expect("rows");
            rows.map(|row| row.unwrap_or_else(|why| panic!("{why}: {sql}"))).collect()
        };
        rows.sort();
        rows
    }

    /// Holds the database against a new one of the same project, with the same landed tables.
    pub fn equals_new(&self, yaml: &str) -> Result<(), String> {
        let new = Self::new(self.database.is_none());
        new.write(yaml);
        self.copy_landed(&new);
        new.apply(&[])?;
        let (expected, got) = (new.catalog(), self.catalog());
        let mut problems = String::new();
        let nothing = BTreeSet::new();
        let built = expected.iter().filter(|(object, _)| !is_landed(object));
        for (object, lines) in built.clone() {
            let had = got.get(object).unwrap_or(&nothing);
            if lines != had {
                problems.push_str(&differing(
                    &[(object.clone(), lines.clone())].into(),
                    &[(object.clone(), had.clone())].into(),
                ));
            }
        }
        for object in got.keys().filter(|object| !is_landed(object)) {
            if !expected.contains_key(object) {
                problems.push_str(&format!("{object} is left behind\n"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (object, lines) in built {
            // Each database numbers its tables by itself.
            let columns: Vec<_> = columns(lines)
                .into_iter()
                .filter(|name| !NUMBERS.contains(&name.as_str()))
                .collect();
            // A view of SQLite shows a landed number as it is, where a migration took it for a text.
            let is_shown = self.database.is_none() && object.ends_with("_resolved");
            let as_shown = |name: &String| match is_shown {
                true => format!("CAST({name} AS text) AS {name}"),
                false => name.clone(),
            };
            let columns = columns.iter().map(as_shown).collect::<Vec<_>>().join(", ");
            let (want, have) = (new.rows(object, &columns), self.rows(object, &columns));
            if want != have {
                let missing: Vec<_> = want.iter().filter(|row| !have.contains(row)).collect();
                let surplus: Vec<_> = have.iter().filter(|row| !want.contains(row)).collect();
                problems.push_str(&format!("{object}\n- {missing:#?}\n+ {surplus:#?}\n"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Makes the landed tables of this place in an empty one, with their rows.
    fn copy_landed(&self, to: &Self) {
        let landed = self.catalog().into_iter().filter(|(object, _)| is_landed(object));
        let landed: Vec<_> = landed.collect();
        to.execute(if to.database.is_some() { "CREATE SCHEMA acme" } else { "" });
        for (table, lines) in &landed {
            let types = lines.iter().filter_map(|line| line.strip_prefix("column "));
            let types: Vec<_> = types
                .map(|line| line.trim_end().split_once(' ').expect("a type"))
                .map(|(name, sql_type)| format!("\"{name}\" {sql_type}"))
                .collect();
            to.execute(&format!("CREATE TABLE acme.{table} ({})", types.join(", ")));
            self.copy(to, table, &columns(lines).join(", "));
        }
    }

    fn copy(&self, to: &Self, table: &str, columns: &str) {
        match (self.client(), to.client()) {
            (Some(mut from), Some(mut to)) => {
                let sql = format!("COPY (SELECT {columns} FROM acme.{table}) TO STDOUT");
                let mut text = Vec::new();
                from.copy_out(&sql).expect("copy out").read_to_end(&mut text).expect("rows");
                let sql = format!("COPY acme.{table} ({columns}) FROM STDIN");
                let mut writer = to.copy_in(&sql).expect("copy in");
                writer.write_all(&text).expect("write");
                writer.finish().expect("finish");
            }
            _ => {
                let connection = to.file();
                let path = self.folder().join("acme.db").display().to_string();
                connection.execute("ATTACH ?1 AS other", [path]).expect("attach");
                let sql = format!(
                    "INSERT INTO acme.{table} ({columns}) SELECT {columns} FROM other.{table}"
                );
                connection.execute_batch(&sql).unwrap_or_else(|why| panic!("{why}: {sql}"));
            }
        }
    }
}

/// The names of the columns among an object's lines, as SQL has them.
fn columns(lines: &BTreeSet<String>) -> Vec<String> {
    let names = lines.iter().filter_map(|line| line.strip_prefix("column "));
    let names = names.filter_map(|line| line.split(' ').next());
    names.map(|name| format!("\"{name}\"")).collect()
}

pub fn is_landed(object: &str) -> bool {
    const BUILT: [&str; 7] = [
        "id_graph",
        "external_id_mapping",
        "profile_traits",
        "long_traits",
        "long_identifiers",
        "merges",
        "idgraph_watermarks",
    ];
    !BUILT.contains(&object) && !object.ends_with("_resolved")
}

/// What one catalog has and the other has not.
pub fn differing(expected: &Catalog, got: &Catalog) -> String {
    let lines = |catalog: &Catalog| -> BTreeSet<String> {
        let all = catalog.iter();
        all.flat_map(|(object, lines)| lines.iter().map(move |line| format!("{object}: {line}")))
            .collect()
    };
    let (expected, got) = (lines(expected), lines(got));
    let mut text = String::new();
    for line in expected.difference(&got) {
        text.push_str(&format!("- {line}\n"));
    }
    for line in got.difference(&expected) {
        text.push_str(&format!("+ {line}\n"));
    }
    text
}

/// Numbers that look random, the same from the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn segment(&mut self) -> &'static str {
        ["p1", "p2", "p3", "p4", "P1"][usize::try_from(self.roll(5)).expect("small")]
    }

    fn value(&mut self, kind: &str) -> String {
        if self.roll(5) == 0 {
            return "NULL".to_owned();
        }
        match kind {
            "segment" => format!("'{}'", self.segment()),
            "kind" => format!("'{}'", ["email", "user_id"][usize::from(self.roll(2) == 0)]),
            "operation" => format!("'{}'", ["REMOVED", "ADDED"][usize::from(self.roll(2) == 0)]),
            "integer" => self.roll(50).to_string(),
            "float" => format!("{}.5", self.roll(50)),
            "boolean" => ["TRUE", "FALSE"][usize::from(self.roll(2) == 0)].to_owned(),
            "timestamp" => format!("'2021-03-{:02} 00:00:00'", self.roll(27) + 1),
            _ => format!("'v{}'", self.roll(20)),
        }
    }
}
