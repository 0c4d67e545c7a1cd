//! What a database says that it holds.

use std::collections::{BTreeMap, BTreeSet};

/// What stands in the schemas that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The schemas that exist.
    pub schemas: BTreeSet<String>,
    /// Tables and views by schema and name.
    pub objects: BTreeMap<(String, String), Found>,
}

/// A table or view that exists.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its name, as the database has it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether idgraph made it.
    pub is_ours: bool,
    /// Its columns in order.
    pub columns: Vec<FoundColumn>,
}

/// A column that exists.
#[derive(Debug, Clone)]
pub struct FoundColumn {
    /// Its name.
    pub name: String,
    /// Its type in the database's own words.
    pub sql_type: String,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table.
    Table,
    /// A view.
    View,
    /// Anything else that has rows: a materialized view, a foreign table.
    Other,
}

impl Kind {
    /// In a message.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Table => "a table",
            Self::View => "a view",
            Self::Other => "neither a table nor a view",
        }
    }
}

impl Catalog {
    /// The table or view of that name.
    pub fn find(&self, schema: &str, name: &str) -> Option<&Found> {
        self.objects.get(&(schema.to_owned(), name.to_owned()))
    }
}

impl Found {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
