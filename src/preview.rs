//! What an apply would do to one database and what to mind, for those who decide: before anything runs.

mod difference;
mod effect;
mod risk;

use serde::Serialize;

pub use difference::{Differing, Obstacle};
pub use effect::{Effect, Happens, effects};
pub use risk::{Risk, risks, worth};

use crate::dialect::{Dialect, StatementKind, Stops};
use crate::engine::{Catalog, Sizes};
use crate::migrate::dotted;
use crate::render::{ObjectRef, Statement};

/// What an apply would do to a database. Its fields are the keys of `idgraph plan --format json`.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The target.
    pub target: String,
    /// The last migration that the database has run; none before the first, and where there are no migrations.
    pub at: Option<String>,
    /// Whether apply runs migrations; else it builds what the project says.
    pub migrations: bool,
    /// Whether there is something to do: something to run that changes more than rows, a difference, an obstacle.
    pub to_do: bool,
    /// What the project says otherwise than the recorded schema, so that a migration is to be written first.
    pub unwritten: Vec<String>,
    /// What runs, in order.
    pub pending: Vec<Pending>,
    /// What that comes to, a line for each object.
    pub objects: Vec<Effect>,
    /// What to mind.
    pub risks: Vec<Risk>,
    /// Where the numbers of rows are from.
    pub rows_from: String,
    /// In what the database differs from what it should hold already, what is pending left aside.
    pub drift: Vec<Differing>,
    /// Landed tables and columns that Segment has not added yet.
    pub not_landed: Vec<String>,
    /// The same for people, a line for each table.
    #[serde(skip)]
    pub not_landed_by_table: Vec<String>,
    /// In what the record of what has landed is behind the database.
    pub stale_record: Vec<String>,
    /// Event tables that have landed and that the project neither lists nor ignores.
    pub unlisted: Vec<String>,
    /// Why apply would refuse.
    pub in_the_way: Vec<Obstacle>,
    /// The command that runs what is pending; none when nothing is, or something is in the way.
    pub command: Option<String>,
}

/// A file that runs.
#[derive(Debug, Clone, Serialize)]
pub struct Pending {
    /// Its name.
    pub file: String,
    /// Whether it runs as one transaction; else each statement runs by itself.
    pub in_transaction: bool,
    /// The statements of it that were done before it stopped.
    pub done: usize,
    /// What it takes away, as `--allow-destructive` names it.
    pub destructive: Vec<String>,
    /// What it leaves alone, with the reason.
    pub left_alone: Vec<String>,
    /// What is granted on views that it drops and makes again: these statements grant it anew.
    pub put_back: Vec<String>,
    /// The statements that run.
    pub statements: Vec<Doing>,
}

/// A statement that runs.
#[derive(Debug, Clone, Serialize)]
pub struct Doing {
    /// The very text, without the `;`.
    pub sql: String,
    /// The table or view that it makes or changes.
    pub object: Option<String>,
    /// The lock that it takes on that, where it is there already.
    pub lock: Option<String>,
    /// Who waits for the lock.
    pub stops: Stops,
    /// Whether the whole table is written anew.
    pub rewrites: bool,
    /// The rows of the tables that it reads and changes, where its time grows with them and they are known.
    pub rows: Option<u64>,
    /// How long it takes, roughly.
    pub seconds: Option<f64>,
    /// Whether it makes the object.
    #[serde(skip)]
    pub makes: bool,
    /// Whether its time grows with rows that nobody knows.
    #[serde(skip)]
    pub is_open: bool,
}

/// What a statement is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The facts about locks and speed.
    pub dialect: &'a Dialect,
    /// What is there.
    pub catalog: &'a Catalog,
    /// How large that is.
    pub sizes: &'a Sizes,
}

/// The tables whose size matters to statements, by schema and name in lower case.
pub fn tables<'a>(
    statements: impl IntoIterator<Item = &'a Statement>,
    dialect: &Dialect,
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for statement in statements {
        all.extend(statement.target.iter().filter_map(full));
        if kind(statement, dialect).is_some_and(|kind| kind.rows_per_second.is_some()) {
            all.extend(statement.reads.iter().filter_map(full));
        }
    }
    all.sort();
    all.dedup();
    all
}

impl Judge<'_> {
    /// What a statement does and costs.
    pub fn doing(&self, statement: &Statement) -> Doing {
        let kind = kind(statement, self.dialect);
        let target = statement.target.as_ref();
        let is_there = target.is_some_and(|target| self.is_there(target));
        let lock = kind.map(|kind| kind.lock.clone()).filter(|lock| is_there && !lock.is_empty());
        let speed = kind.and_then(|kind| kind.rows_per_second).filter(|speed| *speed > 0);
        // What is made by a statement before this one has no size yet, and is made of tables that count there.
        let there =
            statement.target.iter().chain(&statement.reads).filter(|one| self.is_there(one));
        let sizes = there.filter_map(full).map(|(schema, name)| self.sizes.of(&schema, &name));
        let sizes: Vec<Option<u64>> = sizes.collect();
        let is_open = speed.is_some() && sizes.contains(&None);
        let known = speed.and_then(|_| sizes.into_iter().flatten().reduce(u64::saturating_add));
        #[allow(clippy::cast_precision_loss, reason = "a rough figure")]
        let seconds = known.zip(speed).map(|(rows, speed)| rows as f64 / speed as f64);
        Doing {
            sql: statement.sql.clone(),
            object: target.and_then(full).map(|(schema, name)| dotted(&[&schema, &name])),
            stops: kind.filter(|_| is_there).map_or(Stops::Nobody, |kind| kind.stops),
            rewrites: is_there && kind.is_some_and(|kind| kind.rewrites),
            lock,
            rows: known,
            // To the tenth: more would claim more than is known.
            seconds: seconds.map(|seconds| (seconds * 10.0).round() / 10.0),
            makes: statement.action.makes() && !statement.code().starts_with("drop "),
            is_open,
        }
    }

    fn is_there(&self, target: &ObjectRef) -> bool {
        let Some((schema, name)) = full(target) else { return false };
        self.catalog.find_lower(&schema, &name).is_some()
    }
}

fn kind<'a>(statement: &Statement, dialect: &'a Dialect) -> Option<&'a StatementKind> {
    dialect.facts.locks.kind(&statement.code())
}

fn full(object: &ObjectRef) -> Option<(String, String)> {
    Some((object.schema.clone()?, object.name.clone()))
}
