//! SQLite, embedded: a schema is an attached database file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use sha1::{Digest, Sha1};

use super::{Catalog, Cell, Engine, Found, FoundColumn, Kind, Missing, Rows, Sort};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::render::MADE_BY;

/// What a target calls this engine, and the dialect that it speaks.
pub const NAME: &str = "sqlite";

/// How long a statement waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open database.
pub struct Sqlite {
    connection: Connection,
    file: PathBuf,
    schemas: Vec<String>,
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
        for (_, file) in &files {
            if missing == Missing::Refuse && !file.exists() {
                return Err(Diagnostic::error(
                    "no-database",
                    format!("there is no database {}", file.display()),
                )
                .help("`idgraph apply` makes it")
                .into());
            }
        }
        // Names like acme.id_graph need an attached database; `main` stays empty.
        let connection = Connection::open_with_flags(
            ":memory:",
            OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI,
        )
        .map_err(|error| failed(file, &error, ""))?;
        let mut schemas = Vec::new();
        for (schema, file) in &files {
            let Some(path) = file.to_str() else {
                return Err(Diagnostic::error(
                    "file-name",
                    format!("{} is not UTF-8, which SQLite needs", file.display()),
                )
                .help("choose another `path` for the target")
                .into());
            };
            let attach = format!("ATTACH DATABASE ?1 AS {}", quoted(schema));
            connection.execute(&attach, [path]).map_err(|error| failed(file, &error, &attach))?;
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
        Ok(Self { connection, file: file.to_owned(), schemas })
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
        self.all(&sql, |row| Ok(FoundColumn { name: row.get(1)?, sql_type: row.get(2)? }))
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
                let found =
                    Found { name: name.clone(), kind, is_ours: text.contains(MADE_BY), columns };
                catalog.objects.insert((schema.clone(), name), found);
            }
        }
        Ok(catalog)
    }

    fn lock(&mut self, _schema: &str, patience: Duration) -> Result<()> {
        // BEGIN IMMEDIATE takes the file's own lock and waits this long for it.
        self.connection.busy_timeout(patience).map_err(|error| failed(&self.file, &error, ""))
    }

    fn begin_sql(&self) -> &'static str {
        "BEGIN IMMEDIATE"
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        let rows =
            self.connection.execute(sql, []).map_err(|error| failed(&self.file, &error, sql))?;
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
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
        let take =
            limit.map_or(String::new(), |limit| format!(" LIMIT {}", limit.saturating_add(1)));
        let sql = format!(
            "SELECT {} FROM {}.{}{order}{take}",
            columns.join(", "),
            quoted(schema),
            quoted(&table.name)
        );
        let types: Vec<_> = table.columns.iter().map(|column| column.sql_type.as_str()).collect();
        let mut rows = self.all(&sql, |row| {
            let cells = types.iter().enumerate();
            cells.map(|(index, sql_type)| Ok(cell(row.get_ref(index)?, sql_type))).collect()
        })?;
        let wanted = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let columns = table.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Rows { columns, rows, more })
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
        Some(ErrorCode::DiskFull) => {
            "make room on the disk, then run the command again: nothing changed"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "check that the folder exists and that you may write to it and to the file"
        }
        _ => "nothing changed",
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
