//! A session with a Postgres server: its transactions, its catalog, its statements.
//!
//! Every transaction begins with the settings that say what names and values mean, and everything runs in one: nothing is left on
//! the connection, which a pool may hand to others after each transaction. No statement has a name, for the same reason.

use std::time::Duration;

use postgres::types::{ToSql, Type};
use postgres::{Client, Row, SimpleQueryMessage};

use super::granted::GRANTS;
use super::made::Made;
use super::own::Own;
use super::value::{cell, decoded};
use super::{cancel, connect, preflight};
use crate::diagnostic::Result;
use crate::engine::{
    Catalog, Engine, Found, FoundColumn, Interrupt, Kind, Passing, Rows, Sizes, Sort, StandIn,
};
use crate::project::Url;

/// What a target calls this engine, and the dialect that it speaks.
pub const NAME: &str = "postgres";

/// One snapshot for all models, so that they agree with each other while rows keep landing. A role or a database may
/// say that transactions are read-only as they come.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE";

/// Read-only from its first statement, and not SERIALIZABLE: a standby takes it.
pub(super) const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A value bound to a statement, and its type: the server is not asked for it, since the answer would have a name.
pub(super) type Bound<'a> = (&'a (dyn ToSql + Sync), Type);

const OBJECTS: &str = "
SELECT
    n.nspname,
    c.relname,
    c.relkind::text,
    c.oid::text,
    pg_catalog.pg_get_userbyid(c.relowner)::text,
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
    c.relowner = me.oid
    OR (NOT me.rolsuper AND pg_catalog.pg_has_role(c.relowner, 'MEMBER'))
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = c.relowner),
    coalesce((SELECT owner.rolsuper FROM pg_catalog.pg_roles AS owner WHERE owner.oid = c.relowner), false)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

const COLUMNS: &str = "
SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY c.oid, a.attnum";

/// Where the functions are that are not Postgres's own, and that this user may call.
const EXTENSIONS: &str = "
SELECT e.extname, n.nspname
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND NOT EXISTS (
      SELECT 1
      FROM pg_catalog.pg_depend AS d
      WHERE d.refclassid = CAST('pg_catalog.pg_extension' AS pg_catalog.regclass)
        AND d.refobjid = e.oid
        AND d.classid = CAST('pg_catalog.pg_proc' AS pg_catalog.regclass)
        AND NOT pg_catalog.has_function_privilege(d.objid, 'EXECUTE')
  )";

/// What VACUUM and ANALYZE have counted or guessed; -1 before the first of them.
const SIZES: &str = "
SELECT n.nspname, c.relname, c.reltuples::bigint
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE pg_catalog.lower(n.nspname) = ANY ($1)
  AND pg_catalog.lower(c.relname) = ANY ($2)
  AND c.relkind IN ('r', 'p', 'm')
  AND c.reltuples >= 0";

/// A view as the server reads it.
const VIEW: &str = "
SELECT pg_catalog.pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1
  AND c.relname = $2
  AND c.relkind = 'v'";

/// A session with a Postgres server.
pub struct Postgres {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) target: String,
    pub(super) user: String,
    pub(super) own: Own,
    /// How long a statement waits for a lock, from the first one that was taken on.
    pub(super) patience: Option<Duration>,
    pub(super) is_in_transaction: bool,
    /// The transaction is there already, since locks are part of it; with the statements that took them.
    pub(super) begun: Option<Vec<String>>,
    /// Statements run by themselves, with the settings of the session.
    pub(super) is_alone: bool,
    pub(super) passing: Passing,
    pub(super) is_standby: bool,
}

impl Postgres {
    /// Connects; `target` is what the user calls the database, for messages.
    ///
    /// # Errors
    /// When the server cannot be reached, says no, or is none that idgraph can work with. No message holds the URL or
    /// a password.
    pub fn connect(url: &Url, target: &str, own: Own) -> Result<Self> {
        let client = connect(url, target)?;
        let mut session = Self {
            client,
            url: url.clone(),
            target: target.to_owned(),
            user: String::new(),
            own,
            patience: None,
            is_in_transaction: false,
            begun: None,
            is_alone: false,
            passing: Passing::Lasting,
            is_standby: false,
        };
        preflight::server(&mut session)?;
        Ok(session)
    }

    /// What each transaction begins with, as one text.
    pub(super) fn settings(&self) -> String {
        let mut settings =
            format!("{};\nSET LOCAL client_min_messages = warning", self.own.settings);
        if let Some(patience) = self.patience {
            settings.push_str(&format!(";\n{}", lock_timeout(patience)));
        }
        settings
    }

    /// Begins a transaction. Nothing runs in it before the settings; neither they nor BEGIN name anything that others
    /// could have made, or take a snapshot.
    pub(super) fn begin(&mut self, begin: &str) -> Result<()> {
        let sql = format!("{begin};\n{}", self.settings());
        self.is_in_transaction = true;
        let began = self.run(&sql);
        if began.is_err() {
            self.roll_back();
        }
        began
    }

    /// Ends the transaction; the connection may be gone, then the database has rolled back by itself.
    pub(super) fn roll_back(&mut self) {
        let _ = self.end("ROLLBACK");
    }

    pub(super) fn end(&mut self, sql: &str) -> Result<u64> {
        self.begun = None;
        if std::mem::take(&mut self.is_in_transaction) {
            self.run(sql)?;
        }
        Ok(0)
    }

    /// Statements whose answers are not wanted.
    pub(super) fn run(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|error| self.failed(&error, sql))
    }

    /// The rows that one of the engine's own queries returns.
    pub(super) fn ask(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>> {
        self.within("BEGIN READ ONLY", sql, |client| client.query_typed(sql, values))
    }

    /// Does something in the transaction; where there is none, in one of its own.
    pub(super) fn within<T>(
        &mut self,
        begin: &str,
        sql: &str,
        work: impl FnOnce(&mut Client) -> std::result::Result<T, postgres::Error>,
    ) -> Result<T> {
        let is_own = !self.is_in_transaction && !self.is_alone;
        if is_own {
            self.begin(begin)?;
        }
        let done = work(&mut self.client).map_err(|error| self.failed(&error, sql));
        if is_own && done.is_ok() {
            self.end("COMMIT")?;
        } else if is_own {
            self.roll_back();
        }
        done
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
        let sql = "SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1)";
        let about: Bound<'_> = (&schemas, Type::TEXT_ARRAY);
        for row in self.ask(sql, std::slice::from_ref(&about))? {
            catalog.schemas.insert(row.get(0));
        }
        for row in self.ask(EXTENSIONS, &[])? {
            catalog.extensions.insert(row.get(0), row.get(1));
        }
        // A record in the space is another project's, or somebody's who may make tables there.
        let recorded_in: Vec<&str> =
            schemas.iter().copied().filter(|schema| *schema == self.own.models_schema).collect();
        let made = Made::read(&recorded_in, |sql, values| self.ask(sql, values))?;
        catalog.distrusted.clone_from(&made.distrusted);
        for row in self.ask(OBJECTS, std::slice::from_ref(&about))? {
            let (schema, name): (String, String) = (row.get(0), row.get(1));
            let (kind, identity): (String, String) = (row.get(2), row.get(3));
            let (owner, comment): (String, String) = (row.get(4), row.get(5));
            let kind = match kind.as_str() {
                "r" | "p" => Kind::Table,
                "v" => Kind::View,
                _ => Kind::Other,
            };
            let (is_ours, was_ours) = made.says((&schema, &name), &identity, (&owner, &comment));
            let (is_own, of_superuser): (bool, bool) = (row.get(6), row.get(7));
            let found = Found {
                name: name.clone(),
                kind,
                is_ours,
                was_ours,
                owner: (!is_own).then_some(owner),
                is_trusted: is_own || of_superuser,
                columns: Vec::new(),
            };
            catalog.objects.insert((schema, name), found);
        }
        for row in self.ask(COLUMNS, &[about])? {
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
        for row in self.ask(SIZES, &[(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)])? {
            let (schema, name): (String, String) = (row.get(0), row.get(1));
            let key = (schema.to_lowercase(), name.to_lowercase());
            sizes.rows.extend(u64::try_from(row.get::<_, i64>(2)).ok().map(|rows| (key, rows)));
        }
        Ok(sizes)
    }

    fn view(&mut self, schema: &str, view: &str) -> Result<Option<String>> {
        let rows = self.ask(VIEW, &[(&schema, Type::TEXT), (&view, Type::TEXT)])?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    fn grants(&mut self, schema: &str, view: &str) -> Result<Vec<String>> {
        let rows = self.ask(GRANTS, &[(&schema, Type::TEXT), (&view, Type::TEXT)])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn preflight(&mut self) -> Result<()> {
        // Behind the lock that was done, with all of it held still.
        if self.begun.is_some() { Ok(()) } else { preflight::tables(self) }
    }

    fn lock_makes(&mut self, schema: &str) -> Result<bool> {
        Ok(self.own.makes && !self.has_record(schema)?)
    }

    fn lock(&mut self, schema: &str, patience: Duration, interrupt: &Interrupt) -> Result<()> {
        self.begin_locked(schema, patience, interrupt)
    }

    fn lock_alone(
        &mut self,
        schema: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<()> {
        self.begin_alone(schema, patience, interrupt)
    }

    fn unlock_alone(&mut self, schema: &str) -> Result<()> {
        self.end_alone(schema)
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn begin_sql(&self) -> &'static str {
        BEGIN
    }

    fn begin_script(&self) -> Vec<String> {
        let mut script = vec![BEGIN.to_owned(), self.settings()];
        script.extend(self.begun.iter().flatten().cloned());
        script
    }

    fn begin_reading_sql(&self) -> &'static str {
        BEGIN_READING
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        match sql {
            BEGIN if self.begun.take().is_some() => Ok(0),
            BEGIN_READING => self.begin_reading(),
            _ if sql.starts_with("BEGIN") => self.begin(sql).map(|()| 0),
            "COMMIT" | "ROLLBACK" => self.end(sql),
            _ => self.execute_with(sql, &[]),
        }
    }

    fn execute_with(&mut self, sql: &str, values: &[&str]) -> Result<u64> {
        let values: Vec<Bound<'_>> = values.iter().map(|value| (value as _, Type::TEXT)).collect();
        self.within("BEGIN READ WRITE", sql, |client| client.execute_typed(sql, &values))
    }

    fn query(&mut self, sql: &str) -> Result<Rows> {
        self.query_with(sql, &[])
    }

    fn query_with(&mut self, sql: &str, values: &[&str]) -> Result<Rows> {
        let values: Vec<Bound<'_>> = values.iter().map(|value| (value as _, Type::TEXT)).collect();
        self.within("BEGIN READ ONLY", sql, |client| {
            let found = client.query_typed(sql, &values)?;
            let columns = found.first().map(|row| row.columns().iter());
            let columns = columns.into_iter().flatten().map(|column| column.name().to_owned());
            let rows = found.iter().map(decoded).collect::<std::result::Result<_, _>>()?;
            Ok(Rows { columns: columns.collect(), rows, more: false })
        })
    }

    fn rows(
        &mut self,
        schema: &str,
        table: &Found,
        sort: &Sort,
        limit: Option<u64>,
    ) -> Result<Rows> {
        let columns: Vec<_> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let sort: Vec<_> = sort
            .iter()
            .map(|column| {
                let is_text = table.column(column).is_some_and(|column| column.sql_type == "text");
                let bytes = if is_text { " COLLATE pg_catalog.\"C\"" } else { "" };
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
        // The answer to a simple query is text, whatever the types: no cast of anybody's is asked for it.
        let answer = self.within("BEGIN READ ONLY", &sql, |client| client.simple_query(&sql))?;
        let read = |row: &postgres::SimpleQueryRow| {
            let cells = table.columns.iter().enumerate();
            cells.map(|(index, column)| cell(row.get(index), &column.sql_type)).collect()
        };
        let rows = answer.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(read(row)),
            _ => None,
        });
        Ok(Rows::of(table, rows.collect(), limit))
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send> {
        cancel::handle(&self.client, &self.url, &self.target)
    }
}

/// No statement waits longer than this for what another session has locked.
pub(super) fn lock_timeout(limit: Duration) -> String {
    // 0 would be without end.
    format!("SET LOCAL lock_timeout = {}", limit.as_millis().clamp(1, 1 << 30))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
