//! A session with a Postgres server: its catalog, its locks, its statements.

use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, Row, SimpleQueryMessage};

use super::granted::GRANTS;
use super::made::Made;
use super::{connect, grants, holders};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::{
    Catalog, Cell, Engine, Found, FoundColumn, Interrupt, Kind, Rows, Sizes, Sort, StandIn,
};

/// What a target calls this engine, and the dialect that it speaks.
pub const NAME: &str = "postgres";

/// The first half of our advisory locks' keys; the second is the schema's hash.
const LOCK_SPACE: i32 = 0x1d67;

/// How often a lock that another session holds is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(200);

/// What to do about a lock.
const PATIENCE: &str = "wait for it to end, or give it longer with --lock-timeout SECONDS";

const OBJECTS: &str = "
SELECT
    n.nspname,
    c.relname,
    c.relkind::text,
    c.oid::text,
    pg_catalog.pg_get_userbyid(c.relowner)::text,
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

const COLUMNS: &str = "
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY c.oid, a.attnum";

/// What VACUUM and ANALYZE have counted or guessed; -1 before the first of them.
const SIZES: &str = "
SELECT n.nspname, c.relname, c.reltuples::bigint
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE lower(n.nspname) = ANY ($1)
  AND lower(c.relname) = ANY ($2)
  AND c.relkind IN ('r', 'p', 'm')
  AND c.reltuples >= 0";

/// A session with a Postgres server.
pub struct Postgres {
    client: Client,
    url: String,
    target: String,
    pid: i32,
    user: String,
}

impl Postgres {
    /// Connects; `target` is what the user calls the database, for messages.
    ///
    /// # Errors
    /// When the server cannot be reached or says no. No message holds the URL or a password.
    pub fn connect(url: &str, target: &str) -> Result<Self> {
        let client = connect(url, target)?;
        let mut session = Self {
            client,
            url: url.to_owned(),
            target: target.to_owned(),
            pid: 0,
            user: String::new(),
        };
        // Times are shown and compared in UTC, whatever the server's settings.
        session.run("SET TIME ZONE 'UTC'")?;
        session.run("SET client_min_messages = warning")?;
        // The planner guesses a recursive query's rows far too high, and would compile for seconds what runs for
        // milliseconds.
        session.run("SET jit = off")?;
        let rows = session.ask("SELECT pg_backend_pid(), current_user::text", &[])?;
        if let Some(row) = rows.first() {
            (session.pid, session.user) = (row.get(0), row.get(1));
        }
        Ok(session)
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|error| self.failed(&error, sql))
    }

    fn ask(
        &mut self,
        sql: &str,
        values: &[&(dyn postgres::types::ToSql + Sync)],
    ) -> Result<Vec<Row>> {
        self.client.query(sql, values).map_err(|error| self.failed(&error, sql))
    }

    fn failed(&self, error: &postgres::Error, sql: &str) -> Diagnostics {
        let Some(answer) = error.as_db_error() else {
            return Diagnostic::error(
                "connection-lost",
                format!("target `{}`: the connection to the server was lost", self.target),
            )
            .note(format!("{error}"))
            .note("what was not committed is rolled back by the server")
            .help("run the command again when the server is back")
            .into();
        };
        let message = format!("target `{}`: {}", self.target, answer.message());
        let is_locked = *answer.code() == SqlState::LOCK_NOT_AVAILABLE;
        let code = if is_locked { "locked" } else { "statement-failed" };
        let mut diagnostic = Diagnostic::error(code, message).note(format!(
            "SQLSTATE {} in: {}",
            answer.code().code(),
            first_line(sql)
        ));
        if let Some(detail) = answer.detail() {
            diagnostic = diagnostic.note(detail);
        }
        if *answer.code() == SqlState::INSUFFICIENT_PRIVILEGE {
            diagnostic = diagnostic.help(
                "have it granted to the target's user: to read, USAGE on the schemas and SELECT on their tables; \
                 to apply and refresh, TEMPORARY on the database, too",
            );
        }
        if let Some(hint) = answer.hint() {
            diagnostic = diagnostic.help(hint);
        }
        if let Some(grant) = grants::missing(answer.message(), sql, &self.user)
            && *answer.code() == SqlState::INSUFFICIENT_PRIVILEGE
        {
            diagnostic = diagnostic.help(grant);
        }
        if is_locked {
            for holder in self.holders(sql) {
                diagnostic = diagnostic.note(holder);
            }
            diagnostic = diagnostic.help(PATIENCE);
        }
        diagnostic.into()
    }

    fn busy(&mut self, schema: &str, patience: Duration) -> Diagnostics {
        let waited = format!(
            "another idgraph is building {schema}; waited {} s for it",
            patience.as_secs_f32().round()
        );
        let diagnostic = Diagnostic::error("locked", waited);
        let holder = holders::of_advisory(&mut self.client, LOCK_SPACE, schema);
        match holder {
            Some(holder) => diagnostic.note(holder),
            None => diagnostic,
        }
        .help(PATIENCE)
        .into()
    }

    /// Who has locked what a statement waited for. The transaction of this session is over and answers nothing more.
    fn holders(&self, sql: &str) -> Vec<String> {
        let client = connect(&self.url, &self.target).ok();
        let found = client.map(|mut client| holders::of_tables(&mut client, sql, self.pid));
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return vec![
                "another session has a table or row of it locked; the view pg_locks says which"
                    .to_owned(),
            ];
        }
        found
    }
}

impl Engine for Postgres {
    fn dialect(&self) -> &'static str {
        NAME
    }

    fn make_sandbox(&mut self, schemas: &[&str]) -> Result<StandIn> {
        super::sandbox::make(self, schemas)
    }

    fn catalog(&mut self, schemas: &[&str]) -> Result<Catalog> {
        let mut catalog = Catalog::default();
        let sql = "SELECT nspname FROM pg_namespace WHERE nspname = ANY ($1)";
        for row in self.ask(sql, &[&schemas])? {
            catalog.schemas.insert(row.get(0));
        }
        let made = Made::read(schemas, |sql, values| self.ask(sql, values))?;
        catalog.distrusted.clone_from(&made.distrusted);
        for row in self.ask(OBJECTS, &[&schemas])? {
            let (schema, name): (String, String) = (row.get(0), row.get(1));
            let (kind, identity): (String, String) = (row.get(2), row.get(3));
            let (owner, comment): (String, String) = (row.get(4), row.get(5));
            let kind = match kind.as_str() {
                "r" | "p" => Kind::Table,
                "v" => Kind::View,
                _ => Kind::Other,
            };
            let (is_ours, was_ours) = made.says((&schema, &name), &identity, (&owner, &comment));
            let found = Found { name: name.clone(), kind, is_ours, was_ours, columns: Vec::new() };
            catalog.objects.insert((schema, name), found);
        }
        for row in self.ask(COLUMNS, &[&schemas])? {
            if let Some(found) = catalog.objects.get_mut(&(row.get(0), row.get(1))) {
                found.columns.push(FoundColumn { name: row.get(2), sql_type: row.get(3) });
            }
        }
        Ok(catalog)
    }

    fn sizes(&mut self, tables: &[(String, String)]) -> Result<Sizes> {
        let source = "estimated by the server's statistics, pg_class.reltuples";
        let mut sizes = Sizes { source, ..Sizes::default() };
        let (schemas, names): (Vec<String>, Vec<String>) = tables.iter().cloned().unzip();
        for row in self.ask(SIZES, &[&schemas, &names])? {
            let (schema, name): (String, String) = (row.get(0), row.get(1));
            let key = (schema.to_lowercase(), name.to_lowercase());
            sizes.rows.extend(u64::try_from(row.get::<_, i64>(2)).ok().map(|rows| (key, rows)));
        }
        Ok(sizes)
    }

    fn grants(&mut self, schema: &str, view: &str) -> Result<Vec<String>> {
        let rows = self.ask(GRANTS, &[&schema, &view])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn lock(&mut self, schema: &str, patience: Duration, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        loop {
            let sql = "SELECT pg_try_advisory_lock($1, hashtext($2))";
            let rows = self.ask(sql, &[&LOCK_SPACE, &schema])?;
            if rows.first().is_some_and(|row| row.get(0)) {
                // 0 would be without end.
                let limit = patience.as_millis().clamp(1, 1 << 30);
                return self.run(&format!("SET lock_timeout = {limit}"));
            }
            interrupt.check()?;
            if start.elapsed() >= patience {
                return Err(self.busy(schema, patience));
            }
            std::thread::sleep(LOCK_INTERVAL);
        }
    }

    fn begin_sql(&self) -> &'static str {
        // One snapshot for all models, so that they agree with each other while rows keep landing.
        "BEGIN ISOLATION LEVEL REPEATABLE READ"
    }

    fn begin_reading_sql(&self) -> &'static str {
        // From its first statement, and not SERIALIZABLE: a standby takes it.
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        self.client.execute(sql, &[]).map_err(|error| self.failed(&error, sql))
    }

    fn execute_with(&mut self, sql: &str, values: &[&str]) -> Result<u64> {
        let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
            values.iter().map(|value| value as _).collect();
        self.client.execute(sql, &values).map_err(|error| self.failed(&error, sql))
    }

    fn query(&mut self, sql: &str) -> Result<Rows> {
        // The answer to a simple query is text, whatever the types; they are asked for beforehand.
        let prepared = self.client.prepare(sql).map_err(|error| self.failed(&error, sql))?;
        let answer = self.client.simple_query(sql).map_err(|error| self.failed(&error, sql))?;
        let columns = prepared.columns();
        let read = |row: &postgres::SimpleQueryRow| {
            let cells = columns.iter().enumerate();
            cells.map(|(index, column)| plain_cell(row.get(index), column.type_())).collect()
        };
        let rows = answer.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(read(row)),
            _ => None,
        });
        let rows = rows.collect();
        let columns = columns.iter().map(|column| column.name().to_owned()).collect();
        Ok(Rows { columns, rows, more: false })
    }

    fn query_with(&mut self, sql: &str, values: &[&str]) -> Result<Rows> {
        let prepared = self.client.prepare(sql).map_err(|error| self.failed(&error, sql))?;
        let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
            values.iter().map(|value| value as _).collect();
        let answer =
            self.client.query(&prepared, &values).map_err(|error| self.failed(&error, sql))?;
        let columns = prepared.columns();
        let read = |row: &Row| {
            let cells = columns.iter().enumerate();
            cells.map(|(index, column)| typed_cell(row, index, column.type_())).collect()
        };
        let rows = answer.iter().map(read).collect::<std::result::Result<_, _>>();
        let rows = rows.map_err(|error| self.failed(&error, sql))?;
        let columns = columns.iter().map(|column| column.name().to_owned()).collect();
        Ok(Rows { columns, rows, more: false })
    }

    fn rows(
        &mut self,
        schema: &str,
        table: &Found,
        sort: &Sort,
        limit: Option<u64>,
    ) -> Result<Rows> {
        let columns: Vec<_> =
            table.columns.iter().map(|column| format!("{}::text", quoted(&column.name))).collect();
        let sort: Vec<_> = sort
            .iter()
            .map(|column| {
                let is_text = table.column(column).is_some_and(|column| column.sql_type == "text");
                let bytes = if is_text { " COLLATE \"C\"" } else { "" };
                format!("t.{}{bytes} NULLS FIRST", quoted(column))
            })
            .collect();
        let order =
            if sort.is_empty() { String::new() } else { format!(" ORDER BY {}", sort.join(", ")) };
        let sql = format!(
            "SELECT {} FROM {}.{} AS t{order}{}",
            columns.join(", "),
            quoted(schema),
            quoted(&table.name),
            Rows::take(limit)
        );
        let read = |row: &Row| {
            let cells = table.columns.iter().enumerate();
            cells.map(|(index, column)| cell(row.get(index), &column.sql_type)).collect()
        };
        let rows = self.ask(&sql, &[])?.iter().map(read).collect();
        Ok(Rows::of(table, rows, limit))
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send> {
        // A cancel request would need the very TLS settings of this connection; a second session has them.
        let (url, target, pid) = (self.url.clone(), self.target.clone(), self.pid);
        Box::new(move || {
            if let Ok(mut client) = connect(&url, &target) {
                let _ = client.execute("SELECT pg_cancel_backend($1)", &[&pid]);
            }
        })
    }
}

/// A value that came as text, as what its type says.
fn cell(text: Option<String>, sql_type: &str) -> Cell {
    let Some(text) = text else { return Cell::Null };
    match sql_type {
        "boolean" => Cell::Boolean(text == "true"),
        "smallint" | "integer" | "bigint" => text.parse().map_or(Cell::Text(text), Cell::Integer),
        "real" | "double precision" => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::Float(number),
            _ => Cell::Text(text),
        },
        "timestamp with time zone" => {
            Cell::Text(text.strip_suffix("+00").map_or(text.clone(), str::to_owned))
        }
        _ => Cell::Text(text),
    }
}

/// A value in the answer to a simple query.
fn plain_cell(text: Option<&str>, sql_type: &Type) -> Cell {
    match (text, sql_type) {
        (Some(text), &Type::BOOL) => Cell::Boolean(text == "t"),
        (text, &Type::INT4 | &Type::INT8) => cell(text.map(str::to_owned), "bigint"),
        (text, &Type::TIMESTAMPTZ) => cell(text.map(str::to_owned), "timestamp with time zone"),
        (text, _) => cell(text.map(str::to_owned), "text"),
    }
}

/// A value in the answer to a statement with values of its own.
fn typed_cell(
    row: &Row,
    index: usize,
    sql_type: &Type,
) -> std::result::Result<Cell, postgres::Error> {
    let cell = match *sql_type {
        Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map(Cell::Boolean),
        Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(|it| Cell::Integer(it.into())),
        Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Cell::Integer),
        _ => row.try_get::<_, Option<String>>(index)?.map(Cell::Text),
    };
    Ok(cell.unwrap_or(Cell::Null))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The first line of a statement that is no comment, for messages.
fn first_line(sql: &str) -> &str {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("--");
    sql.lines().map(str::trim).find(is_code).unwrap_or_default()
}
