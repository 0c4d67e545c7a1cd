//! SQLite, embedded: a schema is an attached database file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use sha1::{Digest, Sha1};
use tempfile::NamedTempFile;

use super::{
    Catalog, Cell, Engine, Found, FoundColumn, Interrupt, Kind, Missing, Rows, Sizes, Sort,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::render::MADE_BY;

/// What a target calls this engine, and the dialect that it speaks.
pub const NAME: &str = "sqlite";

/// How long a statement waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a lock that another process holds is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(50);

const BEGIN: &str = "BEGIN IMMEDIATE";

/// An open database.
pub struct Sqlite {
    connection: Connection,
    file: PathBuf,
    schemas: Vec<String>,
    /// The transaction is there already, since the lock is part of it.
    begun: bool,
    /// Removed when the connection is closed: fields are dropped in this order.
    _main: Option<NamedTempFile>,
}

/// What a connection's own database is, `main`.
enum Main {
    /// Nothing: schemas are attached.
    Memory,
    /// The file of the schema that has that very name.
    File(PathBuf),
    /// An empty file. A commit over two attached files is atomic only when `main` is a file, too, since its name is
    /// that of the journal which both are part of. (Where their journal mode is WAL, each file is atomic by itself.)
    Temporary(NamedTempFile),
}

impl Sqlite {
    /// Opens a space's database, and beside it that of the models where they have a schema of their own.
    ///
    /// # Errors
    /// When a file cannot be opened, is no database, or is missing and must not be made.
    pub fn open(file: &Path, space: &str, models_schema: &str, missing: Missing) -> Result<Self> {
        let files = if space == models_schema {
            vec![(space.to_owned(), file.to_owned())]
        } else {
            let own = file.with_extension(format!("{}.db", file_name_part(models_schema)));
            vec![(space.to_owned(), file.to_owned()), (models_schema.to_owned(), own)]
        };
        for (schema, file) in &files {
            if schema.eq_ignore_ascii_case("temp") {
                return Err(Diagnostic::error(
                    "schema-taken",
                    format!("SQLite keeps the schema `{schema}` for itself"),
                )
                .help("rename it, or apply to another engine")
                .into());
            }
            let must_exist = matches!(missing, Missing::Refuse | Missing::RefuseAndRead);
            if must_exist && !file.exists() {
                return Err(Diagnostic::error(
                    "no-database",
                    format!("there is no database {}", file.display()),
                )
                .help("`idgraph apply` makes it")
                .into());
            }
        }
        let main = Main::of(&files, missing)?;
        let own = match &main {
            Main::Memory => Path::new(":memory:"),
            Main::File(file) => file,
            Main::Temporary(file) => file.path(),
        };
        // Files that are attached are opened as `main` is, in memory or not.
        let flags = match missing {
            Missing::RefuseAndRead | Missing::PretendAndRead => {
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
            }
            _ => OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI,
        };
        let connection =
            Connection::open_with_flags(own, flags).map_err(|error| failed(file, &error, ""))?;
        let mut schemas = Vec::new();
        for (schema, file) in &files {
            if !is_main(schema) {
                let path = path(file, missing)?;
                let attach = format!("ATTACH DATABASE ?1 AS {}", quoted(schema));
                connection
                    .execute(&attach, [path])
                    .map_err(|error| failed(file, &error, &attach))?;
            }
            schemas.push(schema.clone());
        }
        let set_up = || -> rusqlite::Result<()> {
            connection.busy_timeout(PATIENCE)?;
            let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
            connection.create_scalar_function("sha1", 1, flags, |context| {
                let text: Option<String> = context.get(0)?;
                Ok(text.map(|text| hex(&Sha1::digest(text.as_bytes()))))
            })
        };
        set_up().map_err(|error| failed(file, &error, ""))?;
        let _main = match main {
            Main::Temporary(file) => Some(file),
            _ => None,
        };
        Ok(Self { connection, file: file.to_owned(), schemas, begun: false, _main })
    }

    fn all<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let run = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], read)?;
            rows.collect()
        };
        run().map_err(|error| failed(&self.file, &error, sql))
    }

    fn columns(&self, schema: &str, table: &str) -> Result<Vec<FoundColumn>> {
        let sql = format!("PRAGMA {}.table_info({})", quoted(schema), quoted(table));
        self.all(&sql, |row| {
            // SQLite keeps some types as written and shows others in capitals.
            let sql_type = row.get::<_, String>(2)?.to_lowercase();
            Ok(FoundColumn { name: row.get(1)?, sql_type })
        })
    }
}

impl Engine for Sqlite {
    fn dialect(&self) -> &'static str {
        NAME
    }

    fn catalog(&mut self, schemas: &[&str]) -> Result<Catalog> {
        let mut catalog = Catalog::default();
        for schema in self.schemas.iter().filter(|schema| schemas.contains(&schema.as_str())) {
            catalog.schemas.insert(schema.clone());
            let sql = format!(
                "SELECT name, type, coalesce(sql, '') FROM {}.sqlite_master WHERE type IN ('table', 'view')",
                quoted(schema)
            );
            let objects: Vec<(String, String, String)> =
                self.all(&sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            for (name, kind, text) in objects {
                let kind = if kind == "view" { Kind::View } else { Kind::Table };
                let columns = self.columns(schema, &name)?;
                // SQLite takes ID_GRAPH for id_graph, and ours are in lower case.
                let key = (schema.clone(), name.to_ascii_lowercase());
                let is_ours = text.contains(MADE_BY);
                catalog.objects.insert(key, Found { name, kind, is_ours, columns });
            }
        }
        Ok(catalog)
    }

    fn sizes(&mut self, tables: &[(String, String)]) -> Result<Sizes> {
        // SQLite keeps no count, and counts a table by reading its smallest index.
        let mut sizes = Sizes { source: "counted", ..Sizes::default() };
        for schema in &self.schemas {
            let sql =
                format!("SELECT name FROM {}.sqlite_master WHERE type = 'table'", quoted(schema));
            let names: Vec<String> = self.all(&sql, |row| row.get(0))?;
            let wanted = |name: &&String| {
                let same = |(of, table): &(String, String)| {
                    of.eq_ignore_ascii_case(schema) && table.eq_ignore_ascii_case(name)
                };
                tables.iter().any(same)
            };
            for name in names.iter().filter(wanted) {
                let sql = format!("SELECT count(*) FROM {}.{}", quoted(schema), quoted(name));
                let rows: Vec<i64> = self.all(&sql, |row| row.get(0))?;
                let rows = rows.first().and_then(|rows| u64::try_from(*rows).ok());
                let key = (schema.to_lowercase(), name.to_lowercase());
                sizes.rows.extend(rows.map(|rows| (key, rows)));
            }
        }
        Ok(sizes)
    }

    fn lock(&mut self, _schema: &str, patience: Duration, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        let set = self.connection.busy_timeout(Duration::ZERO);
        set.map_err(|error| failed(&self.file, &error, ""))?;
        // The files' own lock, which only a transaction can hold. While SQLite itself waits, no Ctrl-C gets through.
        while let Err(error) = self.connection.execute_batch(BEGIN) {
            let is_busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
            if !is_busy {
                return Err(failed(&self.file, &error, BEGIN));
            }
            if start.elapsed() >= patience {
                return Err(busy(&self.file, patience));
            }
            interrupt.check()?;
            std::thread::sleep(LOCK_INTERVAL);
        }
        self.begun = true;
        // A reader can still make COMMIT wait.
        self.connection.busy_timeout(patience).map_err(|error| failed(&self.file, &error, ""))
    }

    fn begin_sql(&self) -> &'static str {
        BEGIN
    }

    fn begin_reading_sql(&self) -> &'static str {
        "BEGIN"
    }

    fn read_only_sql(&self) -> Option<&'static str> {
        // Who refuses to make a file has opened them all for reading.
        None
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        if sql == BEGIN && std::mem::take(&mut self.begun) {
            return Ok(0);
        }
        let before = self.connection.total_changes();
        let run = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(sql)?;
            // A SELECT is run for what it does besides.
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        };
        run().map_err(|error| failed(&self.file, &error, sql))?;
        // What SQLite calls the changes of a statement are, for one that changes no rows, those of the one before.
        Ok(self.connection.total_changes().saturating_sub(before))
    }

    fn execute_with(&mut self, sql: &str, values: &[&str]) -> Result<u64> {
        let rows = self.connection.execute(sql, rusqlite::params_from_iter(values));
        let rows = rows.map_err(|error| failed(&self.file, &error, sql))?;
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    fn query(&mut self, sql: &str) -> Result<Rows> {
        let run = || -> rusqlite::Result<Rows> {
            let mut statement = self.connection.prepare(sql)?;
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let width = columns.len();
            let read =
                |row: &Row<'_>| (0..width).map(|at| Ok(cell(row.get_ref(at)?, ""))).collect();
            let rows = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
            Ok(Rows { columns, rows, more: false })
        };
        run().map_err(|error| failed(&self.file, &error, sql))
    }

    fn rows(
        &mut self,
        schema: &str,
        table: &Found,
        sort: &Sort,
        limit: Option<u64>,
    ) -> Result<Rows> {
        let columns: Vec<_> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let sort: Vec<_> = sort.iter().map(|column| quoted(column)).collect();
        let order =
            if sort.is_empty() { String::new() } else { format!(" ORDER BY {}", sort.join(", ")) };
        let sql = format!(
            "SELECT {} FROM {}.{}{order}{}",
            columns.join(", "),
            quoted(schema),
            quoted(&table.name),
            Rows::take(limit)
        );
        let types: Vec<_> = table.columns.iter().map(|column| column.sql_type.as_str()).collect();
        let rows = self.all(&sql, |row| {
            let cells = types.iter().enumerate();
            cells.map(|(index, sql_type)| Ok(cell(row.get_ref(index)?, sql_type))).collect()
        })?;
        Ok(Rows::of(table, rows, limit))
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send> {
        let handle = self.connection.get_interrupt_handle();
        Box::new(move || handle.interrupt())
    }
}

fn cell(value: ValueRef<'_>, sql_type: &str) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) if sql_type.eq_ignore_ascii_case("boolean") => {
            Cell::Boolean(number != 0)
        }
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Float(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Cell::Text(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

impl Main {
    fn of(files: &[(String, PathBuf)], missing: Missing) -> Result<Self> {
        if let Some((_, file)) = files.iter().find(|(schema, _)| is_main(schema)) {
            return path(file, missing).map(|path| Self::File(PathBuf::from(path)));
        }
        let [(_, file), _, ..] = files else { return Ok(Self::Memory) };
        if !matches!(missing, Missing::Create | Missing::Refuse) {
            return Ok(Self::Memory);
        }
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        let made = tempfile::Builder::new().prefix(".idgraph-").tempfile_in(folder);
        made.map(Self::Temporary).map_err(|error| {
            Diagnostic::error(
                "unwritable",
                format!("cannot make a file in {}: {error}", folder.display()),
            )
            .help("check that the folder exists and that you may write to it")
            .into()
        })
    }
}

fn is_main(schema: &str) -> bool {
    schema.eq_ignore_ascii_case("main")
}

/// What SQLite is told to open.
fn path(file: &Path, missing: Missing) -> Result<String> {
    if matches!(missing, Missing::Pretend | Missing::PretendAndRead) && !file.exists() {
        return Ok(":memory:".to_owned());
    }
    match file.to_str() {
        // A file of that name is not what SQLite means by it.
        Some(path) if path.starts_with(':') => Ok(format!("./{path}")),
        Some(path) => Ok(path.to_owned()),
        None => Err(Diagnostic::error(
            "file-name",
            format!("{} is not UTF-8, which SQLite needs", file.display()),
        )
        .help("choose another `path` for the target")
        .into()),
    }
}

fn busy(file: &Path, patience: Duration) -> Diagnostics {
    let seconds = patience.as_secs_f32().round();
    Diagnostic::error(
        "locked",
        format!("another process is writing to {}; waited {seconds} s for it", file.display()),
    )
    .note("SQLite does not say which")
    .help("wait for it to end, or give it longer with --lock-timeout SECONDS")
    .into()
}

fn failed(file: &Path, error: &rusqlite::Error, sql: &str) -> Diagnostics {
    let what = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    let help = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process writes to it: wait for it to end, or give it longer with --lock-timeout SECONDS"
        }
        Some(ErrorCode::NotADatabase) => {
            "the target's `path` names a file that is no SQLite database"
        }
        Some(ErrorCode::DiskFull) => "make room on the disk, then run the command again",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "check that the folder exists and that you may write to it and to the file"
        }
        _ => "correct that, then run the command again",
    };
    let diagnostic =
        Diagnostic::error("statement-failed", format!("database {}: {what}", file.display()));
    let code = sql.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--"));
    match code {
        Some(code) => diagnostic.note(format!("in: {code}")),
        None => diagnostic,
    }
    .help(help)
    .into()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A schema's name as part of a file's: what could leave the folder or trouble a system becomes `_`.
fn file_name_part(schema: &str) -> String {
    schema
        .chars()
        .map(|char| if char.is_alphanumeric() || char == '_' || char == '-' { char } else { '_' })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_are_committed_through_a_main_database_that_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("acme.db");
        let main = |models: &str, missing| {
            let engine = Sqlite::open(&file, "acme", models, missing).unwrap();
            engine.connection.path().is_some_and(|path| Path::new(path).exists())
        };
        assert!(main("built", Missing::Create));
        assert!(!main("acme", Missing::Create), "one file needs none");
        assert!(main("built", Missing::Refuse));
        assert!(!main("built", Missing::RefuseAndRead), "who only reads makes none");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "and it is gone");
    }
}
