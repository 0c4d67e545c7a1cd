//! Whose a table or view is that a migration names, by the record beside it: Segment's, idgraph's, or somebody else's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use super::books::Books;
use super::file::MigrationStatement;
use super::schema::Schema;
use crate::dialect::{Dialect, Library};
use crate::project::{BUILT_BY_SEGMENT, LANDED_TABLES, Model};
use crate::warehouse::state;

/// What the views of events are named by, behind the landed table's name.
const RESOLVED: &str = "_resolved";

/// What migrations stand on: the record of their folder.
#[derive(Debug, Default)]
pub struct Ground {
    schema: Option<Schema>,
    library: Library,
    books: OnceLock<Books>,
}

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Segment lands it, or it stands where Segment lands: nobody's to change.
    Segments,
    /// A model: computed, and computed again.
    Models,
    /// What idgraph notes of its own work.
    Books,
    /// Nobody here knows.
    Others,
}

impl Ground {
    /// That of a record; of none, names alone say what is a model and what is bookkeeping.
    pub fn new(schema: Option<Schema>, library: Library) -> Self {
        Self { schema, library, books: OnceLock::new() }
    }

    /// A dialect as the record names things.
    pub(super) fn dialect<'a>(&self, dialect: &'a Dialect) -> Cow<'a, Dialect> {
        let mut dialect = Cow::Borrowed(dialect);
        if let Some(record) = self.schema.as_ref().filter(|record| record.catalog.is_some()) {
            dialect.to_mut().catalog.clone_from(&record.catalog);
        }
        dialect
    }

    /// Whose an object is; `exact` is its name with its schema, as the warehouse tells names apart.
    pub(super) fn whose(&self, exact: &[String], dialect: &Dialect) -> Whose {
        let [schema, name, ..] = exact else { return Whose::Others };
        let is_model = Model::ALL.iter().any(|model| model.name() == name);
        let lower = |text: &str| text.to_lowercase();
        let Some(record) = &self.schema else {
            return match (is_model, state::is_bookkeeping(name)) {
                (true, _) => Whose::Models,
                (_, true) if !is_work_name(name, dialect) => Whose::Books,
                _ => Whose::Others,
            };
        };
        // In doubt it is what must not be touched: another case may be another name or not.
        let is_in = |of: &str| lower(schema) == lower(of);
        let is_exactly_in = |of: &str| *schema == dialect.named(of);
        if is_exactly_in(&record.models_schema) {
            let is_recorded =
                |is_landed: bool| record.knows(is_landed, |one| dialect.named(one) == *name);
            let segments = || LANDED_TABLES.iter().chain(BUILT_BY_SEGMENT);
            let is_segments = is_in(&record.space)
                && (is_recorded(true) || segments().any(|table| table == name));
            if is_work_name(name, dialect) {
                return Whose::Models;
            }
            if state::is_bookkeeping(&lower(name)) {
                return Whose::Books;
            }
            if is_recorded(false) || (!is_segments && (is_model || name.ends_with(RESOLVED))) {
                return Whose::Models;
            }
        }
        match (is_in(&record.models_schema), is_in(&record.space)) {
            (true, _) if state::is_bookkeeping(&lower(name)) => Whose::Books,
            (_, true) => Whose::Segments,
            _ => Whose::Others,
        }
    }

    /// Whether a schema is where Segment lands: its own to change, where models are in it, too.
    pub(super) fn is_space(&self, schema: &str) -> bool {
        let is_it = |record: &Schema| schema.to_lowercase() == record.space.to_lowercase();
        self.schema.as_ref().is_some_and(is_it)
    }

    /// Whether a schema is where models are.
    pub(super) fn has_models(&self, schema: &str) -> bool {
        let is_it = |record: &Schema| schema.to_lowercase() == record.models_schema.to_lowercase();
        self.schema.as_ref().is_none_or(is_it)
    }

    /// Whether an index is named as those of models are, in their schema: by the table first. One that is named by a longer
    /// name of Segment's is Segment's.
    pub(super) fn is_index_of_model(&self, exact: &[String]) -> bool {
        let [schema, name] = exact else { return false };
        let begins =
            |table: &str| name.strip_prefix(table).is_some_and(|rest| rest.starts_with('_'));
        let of_segment = LANDED_TABLES.iter().chain(BUILT_BY_SEGMENT).any(|table| begins(table))
            || self.schema.as_ref().is_some_and(|record| record.knows(true, begins));
        let of_model = Model::ALL.iter().any(|model| begins(model.name()))
            || self.schema.as_ref().is_some_and(|record| record.knows(false, begins));
        self.has_models(schema) && of_model && !(of_segment && self.is_space(schema))
    }

    /// Whether reading a table or view does no more than that: what Segment lands, what idgraph builds, the catalog.
    pub(super) fn is_read_only(&self, exact: &[String], dialect: &Dialect) -> bool {
        let Some(record) = &self.schema else { return true };
        let known = &dialect.facts.reads_only;
        let is_own = |name: &str| known.tables.iter().any(|one| dialect.is_named(name, one));
        match exact {
            [name] => is_own(name),
            [schema, name] => {
                dialect.keeps(schema)
                    || is_own(name)
                    || match self.whose(exact, dialect) {
                        Whose::Models | Whose::Books => true,
                        Whose::Others => false,
                        Whose::Segments => {
                            record.knows(true, |one| one.to_lowercase() == name.to_lowercase())
                        }
                    }
            }
            _ => false,
        }
    }

    /// Whether idgraph itself writes a statement about its bookkeeping so, in a file that fills these tables.
    pub(super) fn is_generated(
        &self,
        (index, one): (usize, &MigrationStatement),
        (file, filled): (&[MigrationStatement], &HashSet<&str>),
        dialect: &Dialect,
    ) -> bool {
        let Some(record) = &self.schema else { return true };
        let books = self.books.get_or_init(|| Books::of(record, dialect, &self.library));
        books.has((index, &one.statement), (file, filled), dialect)
    }
}

/// Whether a name is that of a table for the time of the work.
pub(super) fn is_work_name(name: &str, dialect: &Dialect) -> bool {
    let prefix = &dialect.facts.work_tables.prefix;
    dialect.is_beside(name) || (!prefix.is_empty() && name.starts_with(prefix.as_str()))
}
