//! A space in a Postgres database.

use std::process::Command;

use postgres::error::SqlState;
use postgres::{Client, NoTls};

use super::session::{Outcome, Session, Trouble};
use super::shape::{Kind, kind};
use crate::model::{Row, Value};

pub const TYPES: [&str; 5] =
    ["text", "timestamp with time zone", "bigint", "boolean", "double precision"];

pub struct OnPostgres(Client);

impl OnPostgres {
    pub fn open(url: &str) -> Outcome<Self> {
        // Commits are synchronous: what has landed outlives a crash of the server.
        Ok(Self(Client::connect(url, NoTls).map_err(trouble)?))
    }
}

impl Session for OnPostgres {
    fn run(&mut self, sql: &str) -> Outcome<u64> {
        // The simple protocol: many statements at once, and the count of the last one.
        let messages = match self.0.simple_query(sql) {
            Ok(messages) => messages,
            Err(error) => {
                let _ = self.0.simple_query("ROLLBACK");
                return Err(trouble(error));
            }
        };
        let count = |message| match message {
            &postgres::SimpleQueryMessage::CommandComplete(count) => Some(count),
            _ => None,
        };
        Ok(messages.iter().rev().find_map(count).unwrap_or_default())
    }

    fn number(&mut self, sql: &str) -> Outcome<i64> {
        Ok(self.0.query_one(sql, &[]).map_err(trouble)?.get(0))
    }

    fn rows(&mut self, table: &str, columns: &[&str]) -> Outcome<Vec<Row>> {
        let expression = |column: &&str| match kind(column) {
            Kind::Time => {
                format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')")
            }
            _ => (*column).to_owned(),
        };
        let expressions: Vec<_> = columns.iter().map(expression).collect();
        let sql = format!("SELECT {} FROM {table}", expressions.join(", "));
        let found = self.0.query(&sql, &[]).map_err(trouble)?;
        let row = |found: &postgres::Row| {
            let value = |(index, column): (usize, &&str)| {
                let value = match kind(column) {
                    Kind::Text | Kind::Time => found.get::<_, Option<String>>(index).into(),
                    Kind::Whole => found.get::<_, Option<i64>>(index).into(),
                    Kind::Truth => found.get::<_, Option<bool>>(index).into(),
                    Kind::Number => found.get::<_, Option<f64>>(index).into(),
                };
                ((*column).to_owned(), value)
            };
            Row(columns
                .iter()
                .enumerate()
                .map(value)
                .collect::<std::collections::BTreeMap<_, Value>>())
        };
        Ok(found.iter().map(row).collect())
    }
}

fn trouble(error: postgres::Error) -> Trouble {
    let Some(found) = error.as_db_error() else {
        return Trouble::Lost;
    };
    let code = found.code();
    if *code == SqlState::T_R_DEADLOCK_DETECTED {
        Trouble::Deadlock
    } else if [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW]
        .contains(code)
    {
        Trouble::Lost
    } else {
        Trouble::Other(format!("{found}"))
    }
}

/// `psql` with a rendered file.
pub fn psql(url: &str, file: &std::path::Path) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file).arg(url);
    command
}
