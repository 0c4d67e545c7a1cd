//! A space in an SQLite file.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, ErrorCode};

use super::session::{Outcome, Session, Trouble};
use super::shape::{Kind, kind};
use crate::model::{Row, Value};
use crate::support::sqlite::add_sha1;

pub const TYPES: [&str; 5] = ["text", "text", "integer", "boolean", "real"];

pub struct OnSqlite(Connection);

impl OnSqlite {
    /// The space's file and, where the models have a schema of their own, that beside it.
    pub fn open(folder: &Path, models_schema: &str) -> Outcome<Self> {
        let connection = Connection::open_in_memory().map_err(trouble)?;
        connection.busy_timeout(Duration::from_secs(60)).map_err(trouble)?;
        add_sha1(&connection);
        let models =
            (models_schema != "acme").then(|| (models_schema, format!("acme.{models_schema}.db")));
        for (schema, file) in [("acme", "acme.db".to_owned())].into_iter().chain(models) {
            let file = folder.join(file);
            let attach = format!(
                "ATTACH '{}' AS {schema}; PRAGMA {schema}.synchronous = OFF",
                file.display()
            );
            connection.execute_batch(&attach).map_err(trouble)?;
        }
        Ok(Self(connection))
    }
}

impl Session for OnSqlite {
    fn run(&mut self, sql: &str) -> Outcome<u64> {
        let outcome = self.0.execute_batch(sql).map_err(trouble);
        if outcome.is_err() && !self.0.is_autocommit() {
            let _ = self.0.execute_batch("ROLLBACK");
        }
        outcome.map(|()| self.0.changes())
    }

    fn number(&mut self, sql: &str) -> Outcome<i64> {
        self.0.query_row(sql, [], |row| row.get(0)).map_err(trouble)
    }

    fn rows(&mut self, table: &str, columns: &[&str]) -> Outcome<Vec<Row>> {
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        let mut statement = self.0.prepare(&sql).map_err(trouble)?;
        let row = |found: &rusqlite::Row<'_>| {
            let mut row = BTreeMap::new();
            for (index, column) in columns.iter().enumerate() {
                row.insert((*column).to_owned(), value(found.get(index)?, kind(column)));
            }
            Ok(Row(row))
        };
        let rows = statement.query_map([], row).map_err(trouble)?;
        rows.collect::<Result<_, _>>().map_err(trouble)
    }
}

fn value(cell: Cell, kind: Kind) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) if kind == Kind::Truth => (number != 0).into(),
        Cell::Integer(number) if kind == Kind::Number => Value::Float(number as f64),
        Cell::Integer(number) => number.into(),
        Cell::Real(number) => number.into(),
        Cell::Text(text) => text.into(),
        Cell::Blob(_) => Value::from("a blob"),
    }
}

fn trouble(error: rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Busy,
        _ => Trouble::Other(error.to_string()),
    }
}
