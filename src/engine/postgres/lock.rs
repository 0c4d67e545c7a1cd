//! The locks that keep two of us from building the same schema at once.
//!
//! It is the record of what idgraph made that is locked, in the transaction of the work: the lock ends with it, however it ends.
//! LOCK TABLE takes no snapshot, so that what is read behind the lock is what the one before has left. Statements that run in no
//! transaction are kept apart by an advisory lock of the session, which transactions try without waiting.

use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::types::Type;

use super::hold::Holds;
use super::session::{Bound, Postgres, lock_timeout, quoted};
use super::{connect, holders, preflight};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::catalog::no_space;
use crate::engine::{Engine, Interrupt};
use crate::warehouse::state;

/// The first half of our advisory locks' keys; the second is the schema's hash, or 0 where schemas are made. Rendered files take
/// that one, too, see `dialects/postgres/templates/open.sql`.
const LOCK_SPACE: i32 = 0x1d67;

/// How often a lock that another session holds is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(200);

/// What to do about a lock.
pub(super) const PATIENCE: &str =
    "wait for it to end, or give it longer with --lock-timeout SECONDS";

const HAS_RECORD: &str = "
SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1
      AND c.relname = $2
)";

const HAS_SCHEMA: &str =
    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1)";

/// Who makes schemas and records, one after the other.
const ONE_MAKES: &str = "SELECT pg_catalog.pg_advisory_xact_lock($1, 0)";

/// A transaction beside statements that run in none.
const BESIDE_ALONE: &str =
    "SELECT pg_catalog.pg_try_advisory_xact_lock_shared($1, pg_catalog.hashtext($2))";

const ALONE: &str = "SELECT pg_catalog.pg_try_advisory_lock($1, pg_catalog.hashtext($2))";

const NOT_ALONE: &str = "SELECT pg_catalog.pg_advisory_unlock($1, pg_catalog.hashtext($2))";

impl Postgres {
    /// Begins the transaction of the work, with the lock.
    pub(super) fn begin_locked(
        &mut self,
        schema: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let start = Instant::now();
        self.patience = Some(patience);
        let mut has_record = self.has_record(schema)?;
        if !has_record && self.own.makes {
            self.make_record(schema)?;
            has_record = true;
        }
        let lock = has_record.then(|| lock_sql(schema));
        // A table may be locked by others for as long as we are patient.
        interrupt.ends(self.interrupter());
        let stopped = |error| match interrupt.is_wanted() {
            true => Interrupt::stopped().into(),
            false => error,
        };
        loop {
            if let Some(held) = self.try_lock(schema, lock.as_deref()).map_err(stopped)? {
                self.begun = Some(lock.into_iter().chain(held).collect());
                return Ok(());
            }
            interrupt.check()?;
            if start.elapsed() >= patience {
                return Err(self.busy(schema, patience));
            }
            std::thread::sleep(LOCK_INTERVAL);
        }
    }

    pub(super) fn has_record(&mut self, schema: &str) -> Result<bool> {
        let rows = self.ask(HAS_RECORD, &[(&schema, Type::TEXT), (&state::OBJECTS, Type::TEXT)])?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    /// Makes the schema and the record, unless another session is first. At READ COMMITTED, so that what that one has
    /// made is seen.
    fn make_record(&mut self, schema: &str) -> Result<()> {
        self.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
        let made = self.make_in_turn(schema).and_then(|()| self.end("COMMIT"));
        if made.is_err() {
            self.roll_back();
        }
        made.map(|_| ())
    }

    fn make_in_turn(&mut self, schema: &str) -> Result<()> {
        self.ask(ONE_MAKES, &[(&LOCK_SPACE, Type::INT4)])?;
        let rows = self.ask(HAS_SCHEMA, &[(&schema, Type::TEXT)])?;
        if !rows.first().is_some_and(|row| row.get::<_, bool>(0)) {
            if self.own.is_in_space {
                return Err(no_space(schema).into());
            }
            self.run(&format!("CREATE SCHEMA {}", quoted(schema)))?;
        }
        if !self.has_record(schema)? {
            for sql in self.own.record.clone() {
                self.run(&sql)?;
            }
        }
        Ok(())
    }

    /// Begins the transaction with the lock and all that it works on held still, and checks that: the statements that hold it.
    /// `None` where the lock is another's, or what is there changed meanwhile. It does not wait long for the lock, so that
    /// Ctrl-C gets through.
    fn try_lock(&mut self, schema: &str, lock: Option<&str>) -> Result<Option<Vec<String>>> {
        let Some(held) = self.begin_holding(Holds::Written, lock)? else { return Ok(None) };
        let locked = self.try_advisory(BESIDE_ALONE, schema);
        let checked = locked.and_then(|locked| match locked {
            true => preflight::tables(self).map(|()| Some(held)),
            false => Ok(None),
        });
        if !matches!(checked, Ok(Some(_))) {
            self.roll_back();
        }
        checked
    }

    /// Whether the lock is ours, in the transaction that has begun.
    pub(super) fn locks(&mut self, lock: &str) -> Result<bool> {
        let step = format!("{};\n{lock}", lock_timeout(LOCK_INTERVAL));
        if let Err(error) = self.client.batch_execute(&step) {
            return match error.code() {
                Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => Ok(false),
                _ => Err(self.failed(&error, lock)),
            };
        }
        let patience = self.patience.unwrap_or_default();
        self.run(&lock_timeout(patience)).map(|()| true)
    }

    fn try_advisory(&mut self, sql: &str, schema: &str) -> Result<bool> {
        let values: [Bound<'_>; 2] = [(&LOCK_SPACE, Type::INT4), (&schema, Type::TEXT)];
        Ok(self.ask(sql, &values)?.first().is_some_and(|row| row.get(0)))
    }

    fn busy(&mut self, schema: &str, patience: Duration) -> Diagnostics {
        let waited = format!(
            "another idgraph is building {schema}; waited {} s for it",
            patience.as_secs_f32().round()
        );
        let diagnostic = Diagnostic::error("locked", waited);
        match self.holder(schema) {
            Some(holder) => diagnostic.note(holder),
            None => diagnostic,
        }
        .help(PATIENCE)
        .into()
    }

    /// Who has the lock. Its own transaction is over.
    fn holder(&mut self, schema: &str) -> Option<String> {
        self.begin("BEGIN READ ONLY").ok()?;
        let holder = holders::of_record(&mut self.client, schema, state::OBJECTS)
            .or_else(|| holders::of_advisory(&mut self.client, LOCK_SPACE, schema));
        self.roll_back();
        holder
    }

    /// From now on statements run by themselves, kept apart from all transactions of ours. Settings and lock are the
    /// session's, so the session must be one.
    pub(super) fn begin_alone(
        &mut self,
        schema: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<()> {
        if self.is_pooled()? {
            return Err(pooled(&self.target));
        }
        self.patience = Some(patience);
        let settings = self.settings().replace("SET LOCAL ", "SET ");
        self.run(&format!("{settings};\nSET default_transaction_read_only = off"))?;
        self.is_alone = true;
        let start = Instant::now();
        while !self.try_advisory(ALONE, schema)? {
            interrupt.check()?;
            if start.elapsed() >= patience {
                return Err(self.busy(schema, patience));
            }
            std::thread::sleep(LOCK_INTERVAL);
        }
        preflight::tables(self)
    }

    /// Lets others in again.
    pub(super) fn end_alone(&mut self, schema: &str) -> Result<()> {
        if !self.is_alone {
            return Ok(());
        }
        self.try_advisory(NOT_ALONE, schema)?;
        self.is_alone = false;
        self.run("RESET ALL")
    }

    /// Whether each transaction may run in another session of the server, as a pooler has it that pools transactions: then two
    /// connections meet the same session, or one meets several.
    fn is_pooled(&mut self) -> Result<bool> {
        const SESSION: &str = "SELECT pg_catalog.pg_backend_pid()";
        let first: i32 = self.ask(SESSION, &[])?.first().map_or(0, |row| row.get(0));
        let mut other = connect(&self.url, &self.target)?;
        let settings = self.settings();
        let of_other = other
            .batch_execute(&format!("BEGIN READ ONLY;\n{settings}"))
            .and_then(|()| other.query_typed(SESSION, &[]))
            .and_then(|rows| other.batch_execute("COMMIT").map(|()| rows))
            .map_err(|error| self.failed(&error, SESSION))?;
        let of_other: i32 = of_other.first().map_or(0, |row| row.get(0));
        let again: i32 = self.ask(SESSION, &[])?.first().map_or(0, |row| row.get(0));
        Ok(first == of_other || first != again)
    }
}

/// Takes the lock.
fn lock_sql(schema: &str) -> String {
    format!("LOCK TABLE {}.{} IN SHARE ROW EXCLUSIVE MODE", quoted(schema), quoted(state::OBJECTS))
}

fn pooled(target: &str) -> Diagnostics {
    Diagnostic::error(
        "pooled-connection",
        format!("target `{target}`: a migration without a transaction cannot run through a pool of connections"),
    )
    .note("the pool gives each statement another session of the server, so no lock can hold from one to the next")
    .help("run this apply on a direct connection to the server; all other commands go through the pool")
    .into()
}
