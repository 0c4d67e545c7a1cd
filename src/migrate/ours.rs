//! What migrations may do without a word: what only concerns tables that idgraph computes, and what the same file makes good.

use std::collections::HashMap;

use super::file::MigrationStatement;
use crate::dialect::Dialect;
use crate::project::Model;
use crate::render::{Action, Given, How, Taken};

/// What the names of the bookkeeping begin with.
const BOOKS: &str = "idgraph_";

/// The record of what has run, which is written with each run and by nobody else.
const LEDGER: &str = "idgraph_migrations";

/// What the statements of a file do to each table, by their numbers: looked up, so that a file of many statements is judged
/// in one pass.
pub(super) struct InFile<'a> {
    dialect: &'a Dialect,
    tables: HashMap<(&'a str, &'a str), About<'a>>,
    /// For each name of a temporary table which statements make it, and which drop it or give it another name: behind those the
    /// name may be another table's.
    temporary: HashMap<&'a str, Vec<(usize, bool)>>,
}

/// What a file does to one table or view.
#[derive(Default)]
struct About<'a> {
    /// The first statement that makes it, and fails where it is there.
    made: Option<usize>,
    /// The last that writes rows of it.
    written: Option<usize>,
    /// The last that makes the view.
    viewed: Option<usize>,
    /// The first that changes rows.
    updated: Option<usize>,
    /// Columns that get another name: which statement, the name so far.
    renamed: Vec<(usize, &'a str, &'a str)>,
    /// Columns that are added.
    added: Vec<(usize, &'a str)>,
}

impl<'a> InFile<'a> {
    pub(super) fn new(statements: &'a [MigrationStatement], dialect: &'a Dialect) -> Self {
        let mut file = Self { dialect, tables: HashMap::new(), temporary: HashMap::new() };
        for (index, one) in statements.iter().enumerate() {
            let statement = &one.statement;
            for name in &statement.temporary {
                file.temporary.entry(name).or_default().push((index, true));
            }
            let stays = |how: &How| {
                matches!(
                    how,
                    How::Rows | How::SomeRows | How::Written(_) | How::Column | How::Type { .. }
                )
            };
            for taken in statement.takes.iter().filter(|taken| !stays(&taken.how)) {
                let known =
                    taken.name.last().and_then(|name| file.temporary.get_mut(name.as_str()));
                known.into_iter().for_each(|events| events.push((index, false)));
            }
            let target = statement.target.as_ref();
            let Some((schema, name)) =
                target.and_then(|one| Some((one.schema.as_deref()?, one.name.as_str())))
            else {
                continue;
            };
            let about = file.tables.entry((schema, name)).or_default();
            let views = || statement.takes.iter().any(|taken| taken.how == How::View);
            let writes =
                || statement.takes.iter().any(|taken| matches!(taken.how, How::Written(_)));
            match statement.action {
                Action::CreateTable if !statement.code().contains("if not exists") => {
                    about.made.get_or_insert(index);
                }
                Action::Insert => about.written = Some(index),
                Action::CreateView if !views() => about.viewed = Some(index),
                Action::Other if writes() => {
                    about.updated.get_or_insert(index);
                }
                _ => {}
            }
            for given in &statement.gives {
                match given {
                    Given::Column { name, .. } => about.added.push((index, name)),
                    Given::ColumnName { was, is } => about.renamed.push((index, was, is)),
                    Given::Name(_) => {}
                }
            }
        }
        file
    }

    /// Whether a name without a schema is of a temporary table that the file has made by then.
    pub(super) fn is_temporary(&self, name: &str, index: usize) -> bool {
        let Some(events) = self.temporary.get(name) else { return false };
        let before = events.partition_point(|(at, made)| at < &index || (*at == index && *made));
        before.checked_sub(1).and_then(|last| events.get(last)).is_some_and(|(_, made)| *made)
    }

    /// Whether a statement may do something without a word.
    pub(super) fn may(&self, index: usize, taken: &Taken) -> bool {
        let [schema, name, column @ ..] = taken.name.as_slice() else {
            return taken.name.first().is_some_and(|name| self.is_temporary(name, index));
        };
        if taken.cascades {
            return false;
        }
        let none = About::default();
        let about = self.tables.get(&(schema.as_str(), name.as_str())).unwrap_or(&none);
        let is_ours = is_model(name) || is_book(name);
        match &taken.how {
            How::View => about.viewed.is_some_and(|again| again > index),
            // No row loses anything by values in columns that the file has added.
            How::Written(columns) => {
                let is_new = |column: &String| about.is_added(column, index);
                is_ours
                    || about.made.is_some_and(|made| made < index)
                    || (!columns.is_empty() && columns.iter().all(is_new))
            }
            How::Rows => {
                is_book(name) || (is_model(name) && about.written.is_some_and(|anew| anew >= index))
            }
            How::SomeRows => is_book(name) || (is_model(name) && about.written.is_some()),
            // Moved aside, its values taken over, dropped.
            How::Column => match column {
                [aside] => {
                    about.updated.is_some_and(|updated| updated < index)
                        && about.is_aside(aside, index)
                }
                _ => false,
            },
            How::Name(to) => match column {
                [was] => is_model(name) || about.is_replaced(was, index),
                _ => is_model(name) && self.dialect.is_beside(to),
            },
            How::Object("index") => is_index_of_model(name),
            _ => false,
        }
    }
}

impl About<'_> {
    fn is_added(&self, column: &str, index: usize) -> bool {
        self.added.iter().any(|(at, name)| *at < index && *name == column)
    }

    /// Whether a column was moved aside for one that replaces it.
    fn is_aside(&self, aside: &str, index: usize) -> bool {
        self.renamed
            .iter()
            .any(|(at, was, is)| *at < index && *is == aside && self.is_added(was, index))
    }

    /// Whether a column that gets another name is replaced by one of its old name further down.
    fn is_replaced(&self, was: &str, index: usize) -> bool {
        self.added.iter().any(|(at, name)| *at >= index && *name == was)
    }
}

/// Whether a table is computed from what has landed: it can be computed again.
fn is_model(name: &str) -> bool {
    Model::ALL.iter().any(|model| model.name() == name)
}

/// Whether a table is of the bookkeeping that models are refreshed by.
fn is_book(name: &str) -> bool {
    name.starts_with(BOOKS) && name != LEDGER
}

/// Whether an index is named as those of models are.
fn is_index_of_model(name: &str) -> bool {
    let mut models = Model::ALL.iter();
    models.any(|model| name.strip_prefix(model.name()).is_some_and(|rest| rest.starts_with('_')))
}
