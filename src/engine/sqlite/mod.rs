//! SQLite, embedded: a schema is an attached database file.

mod failure;
mod open;

use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row};
use tempfile::NamedTempFile;

use self::failure::{busy, failed};
use super::{Catalog, Cell, Engine, Found, FoundColumn, Interrupt, Kind, Rows, Sizes, Sort};
use crate::diagnostic::Result;
use crate::project::DatabaseFile;
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
    file: DatabaseFile,
    schemas: Vec<String>,
    /// The transaction is there already, since the lock is part of it.
    begun: bool,
    /// Removed when the connection is closed: fields are dropped in this order.
    _main: Option<NamedTempFile>,
}

impl Sqlite {
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
                let columns = self.columns(schema, &name);
                // A view whose table was dropped has no columns; it is no reason not to look at the rest.
                let columns =
                    if kind == Kind::View { columns.unwrap_or_default() } else { columns? };
                // SQLite takes ID_GRAPH for id_graph, and ours are in lower case.
                let key = (schema.clone(), name.to_ascii_lowercase());
                let (is_ours, was_ours) = (is_signed(&text), false);
                catalog.objects.insert(
                    key,
                    Found { name, kind, is_ours, was_ours, owner: None, is_trusted: true, columns },
                );
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
        // Who reads has opened all files for reading.
        "BEGIN"
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
        self.query_with(sql, &[])
    }

    fn query_with(&mut self, sql: &str, values: &[&str]) -> Result<Rows> {
        let run = || -> rusqlite::Result<Rows> {
            let mut statement = self.connection.prepare(sql)?;
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let width = columns.len();
            let read =
                |row: &Row<'_>| (0..width).map(|at| Ok(cell(row.get_ref(at)?, ""))).collect();
            for (index, value) in values.iter().enumerate() {
                // By name: SQLite numbers them as it meets them.
                if let Some(place) = statement.parameter_index(&format!("${}", index + 1))? {
                    statement.raw_bind_parameter(place, value)?;
                }
            }
            let rows = statement.raw_query().mapped(read).collect::<rusqlite::Result<_>>()?;
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

    fn view(&mut self, schema: &str, view: &str) -> Result<Option<String>> {
        let sql = format!(
            "SELECT sql FROM {}.sqlite_master WHERE type = 'view' AND lower(name) = lower('{}')",
            quoted(schema),
            view.replace('\'', "''")
        );
        Ok(self.all(&sql, |row| row.get(0))?.into_iter().next())
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

/// Whether the text that made an object has our sign where our templates put it. A text that only speaks of it has not.
fn is_signed(text: &str) -> bool {
    let second = text.lines().nth(1).unwrap_or_default().trim();
    second.strip_prefix("--").is_some_and(|comment| comment.trim() == MADE_BY)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
