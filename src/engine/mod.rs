//! The databases that idgraph itself can run SQL on.

mod apply;
mod behind;
mod catalog;
mod deletions;
mod interrupt;
mod plan;
pub mod postgres;
mod sandbox;
mod snapshot;
mod sqlite;
mod table;
mod vanished;
mod views;

use std::time::Duration;

pub use apply::{Progress, StepReport, apply, apply_noting, dry_run};
pub use catalog::{Catalog, Found, FoundColumn, Kind, Sizes};
pub use deletions::{Deletions, Gone};
pub use interrupt::Interrupt;
pub use plan::{Outcome, Plan, Step, plan, plan_anyway};
pub use sandbox::{Sandbox, StandIn};
pub use snapshot::read;
pub use table::{Cell, Rows, Sort};
pub use vanished::nothing_landed;
pub use views::Views;

use crate::diagnostic::{Diagnostic, Result, meant};
use crate::project::words::list;
use crate::project::{Address, EngineNeeds, Needs, Project, Target};

/// A database that is connected.
///
/// One connection, at most one transaction. Dropping it rolls back what is not committed.
pub trait Engine {
    /// The dialect whose SQL it runs.
    fn dialect(&self) -> &'static str;

    /// What stands in some schemas.
    fn catalog(&mut self, schemas: &[&str]) -> Result<Catalog>;

    /// How large some tables are, by schema and name; as cheaply as can be, so roughly.
    fn sizes(&mut self, tables: &[(String, String)]) -> Result<Sizes>;

    /// Checks the project's tables, which are read and written, where the database lets them be what they cannot be.
    fn preflight(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether [`Engine::lock`] has to make something first, which stays.
    fn lock_makes(&mut self, _schema: &str) -> Result<bool> {
        Ok(false)
    }

    /// Begins the transaction of an apply, in which two of us cannot build the same schema at once: what
    /// [`Engine::begin_sql`] begins next is this one.
    /// From then on, no statement waits longer than `patience` for what another session has locked.
    fn lock(&mut self, schema: &str, patience: Duration, interrupt: &Interrupt) -> Result<()>;

    /// Keeps others out in the same way while statements run by themselves, until [`Engine::unlock_alone`].
    fn lock_alone(
        &mut self,
        _schema: &str,
        _patience: Duration,
        _interrupt: &Interrupt,
    ) -> Result<()> {
        Ok(())
    }

    /// Lets them in again.
    fn unlock_alone(&mut self, _schema: &str) -> Result<()> {
        Ok(())
    }

    /// Whether the last failure may have come from what others did at the same time.
    fn passing(&self) -> Passing {
        Passing::Lasting
    }

    /// The statement that begins the transaction of an apply.
    fn begin_sql(&self) -> &'static str;

    /// All that runs at the beginning of such a transaction.
    fn begin_script(&self) -> Vec<String> {
        vec![self.begin_sql().to_owned()]
    }

    /// The statement that begins a transaction which reads one snapshot. Where the connection could change something, it
    /// begins a read-only one.
    fn begin_reading_sql(&self) -> &'static str;

    /// Makes the schemas of a sandbox, all or none, after those of runs that were killed have been dropped.
    fn make_sandbox(&mut self, schemas: &[&str]) -> Result<StandIn> {
        for schema in schemas {
            self.execute(&format!("CREATE SCHEMA {schema}"))?;
        }
        Ok(StandIn::default())
    }

    /// Runs one statement and says how many rows it touched.
    fn execute(&mut self, sql: &str) -> Result<u64>;

    /// Runs one statement with texts in the place of `$1`, `$2`, ….
    fn execute_with(&mut self, sql: &str, values: &[&str]) -> Result<u64>;

    /// The rows that a query returns.
    fn query(&mut self, sql: &str) -> Result<Rows>;

    /// The rows that a query returns with texts in the place of `$1`, `$2`, …. Its columns are texts, whole numbers or
    /// booleans.
    fn query_with(&mut self, sql: &str, values: &[&str]) -> Result<Rows>;

    /// The rows of a table, every value as text.
    fn rows(
        &mut self,
        schema: &str,
        table: &Found,
        sort: &Sort,
        limit: Option<u64>,
    ) -> Result<Rows>;

    /// A view as the catalog has it; none where there is no such view.
    fn view(&mut self, schema: &str, view: &str) -> Result<Option<String>>;

    /// The statements that would grant on a view what is granted on it now, its owner's own rights aside; names are compared in
    /// lower case. None where the database knows no grants.
    fn grants(&mut self, _schema: &str, _view: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// A handle that ends the running statement from another thread.
    fn interrupter(&self) -> Box<dyn Fn() + Send>;
}

/// Whether a failure may be gone when the same is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// It stays.
    Lasting,
    /// Two came into each other's way, and this one was rolled back for it.
    Conflict,
    /// A statement does not fit what is there, which may have changed since it was looked at.
    Changed,
}

/// The engines, and what a target of each must say.
pub fn known() -> Vec<EngineNeeds> {
    vec![
        EngineNeeds { name: postgres::NAME.to_owned(), needs: Needs::Url },
        EngineNeeds { name: sqlite::NAME.to_owned(), needs: Needs::Path },
    ]
}

/// What a connection may do to a database that is a file, and what of one that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Change it. One that does not exist is made.
    Create,
    /// Change it. One that does not exist is an error.
    Change,
    /// Read it; nothing can be changed through the connection. One that does not exist is an error.
    Read,
    /// Read it; nothing can be changed through the connection. For one that does not exist an empty one in memory
    /// stands in: nothing is made.
    Look,
    /// Change it, to take that back. For one that does not exist an empty one in memory stands in: nothing is made.
    Pretend,
    /// The same. The connection is for reading: no file can be changed through it.
    PretendAndRead,
}

/// Connects to a target of a project.
///
/// # Errors
/// When there is no such target, an environment variable that it needs is not set, or the database cannot be
/// reached. No message holds a secret.
pub fn connect(project: &Project, name: &str, access: Access) -> Result<Box<dyn Engine>> {
    let target = target(project, name)?;
    match (target.engine.value.as_str(), target.resolve(project.folder())?) {
        (postgres::NAME, Address::Url(url)) => Ok(Box::new(postgres::Postgres::connect(
            &url,
            name,
            postgres::Own::of(project, access)?,
        )?)),
        (sqlite::NAME, Address::Path(file)) => {
            let (space, models) = (&project.space.value, &project.models_schema.value);
            Ok(Box::new(sqlite::Sqlite::open(file, space, models, access)?))
        }
        (engine, _) => Err(Diagnostic::error(
            "unknown-engine",
            format!("target `{name}`: engine `{engine}` does not go with its address"),
        )
        .at(&target.place, "")
        .help("postgres takes a `url`, sqlite a `path`")
        .into()),
    }
}

/// The dialect that a target's database speaks.
///
/// # Errors
/// When there is no such target.
pub fn dialect_of<'a>(project: &'a Project, name: &str) -> Result<&'a str> {
    // An engine is called as the dialect that it speaks.
    target(project, name).map(|target| target.engine.value.as_str())
}

/// The target that is meant: the one that is named, the project's default, or the only one.
///
/// # Errors
/// When none is named and there is not exactly one.
pub fn meant_target<'a>(project: &'a Project, named: Option<&'a str>) -> Result<&'a str> {
    let default = project.default_target.as_ref().map(|name| name.value.as_str());
    if let Some(name) = named.or(default) {
        return Ok(name);
    }
    let names: Vec<&str> = project.targets.keys().map(String::as_str).collect();
    let diagnostic = match names.as_slice() {
        [only] => return Ok(only),
        [] => Diagnostic::error("no-target", "the project has no target").help(FIRST_TARGET),
        _ => Diagnostic::error("no-target", "which target is meant? the project has several")
            .note(format!("they are {}", list(names.iter().copied())))
            .help("name one with `--target NAME`, or write `default_target: NAME` into the project file"),
    };
    Err(diagnostic.into())
}

/// The first line of a statement that is no comment.
pub(crate) fn code_line(sql: &str) -> Option<&str> {
    sql.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--"))
}

/// What to do about a project without a target.
const FIRST_TARGET: &str = "add one under `targets`: local: { engine: sqlite, path: acme.db }";

fn target<'a>(project: &'a Project, name: &str) -> Result<&'a Target> {
    if let Some(target) = project.targets.get(name) {
        return Ok(target);
    }
    let names: Vec<&str> = project.targets.keys().map(String::as_str).collect();
    let diagnostic =
        Diagnostic::error("unknown-target", format!("the project has no target `{name}`"));
    let help = if names.is_empty() { FIRST_TARGET.to_owned() } else { meant(name, &names) };
    Err(diagnostic.help(help).into())
}
