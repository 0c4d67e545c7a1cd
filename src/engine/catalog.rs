//! What a database says that it holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::warehouse::state;

/// What stands in the schemas that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The schemas that exist.
    pub schemas: BTreeSet<String>,
    /// The schemas that extensions are in, by the extensions' names.
    pub extensions: BTreeMap<String, String>,
    /// Tables and views by schema and name.
    pub objects: BTreeMap<(String, String), Found>,
    /// By schema, who owns a record of what idgraph made that this session must not write by: it may have been put there
    /// to make others write where they would not.
    pub distrusted: BTreeMap<String, String>,
    /// Whether all names are in lower case, as statements are read: then there is no other case to look for.
    is_lower: bool,
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
    /// Whether idgraph made one of its name, and this is another: restored from a dump, or made anew by others.
    pub was_ours: bool,
    /// Who owns it, where this session is not that role and no member of it.
    pub owner: Option<String>,
    /// Whether what it computes, if it is a view, may run with this session's rights.
    pub is_trusted: bool,
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
    /// One of what statements make, without a database.
    pub fn of_statements() -> Self {
        Self { is_lower: true, ..Self::default() }
    }

    /// The table or view of that name.
    pub fn find(&self, schema: &str, name: &str) -> Option<&Found> {
        self.objects.get(&(schema.to_owned(), name.to_owned()))
    }

    /// The table or view that a statement names: statements are read in lower case.
    pub fn find_lower(&self, schema: &str, name: &str) -> Option<&Found> {
        self.objects.get(&self.key_lower(schema, name)?)
    }

    /// The same, to be changed.
    pub fn find_lower_mut(&mut self, schema: &str, name: &str) -> Option<&mut Found> {
        self.objects.get_mut(&self.key_lower(schema, name)?)
    }

    /// The same, taken out.
    pub fn take_lower(&mut self, schema: &str, name: &str) -> Option<Found> {
        self.objects.remove(&self.key_lower(schema, name)?)
    }

    /// What is said instead of writing by a record that may have been put there by others.
    pub fn distrust(&self) -> Vec<Diagnostic> {
        let said = |(schema, owner): (&String, &String)| {
            let name = format!("{schema}.{}", state::OBJECTS);
            let message = format!("{name} belongs to {owner}, so it is not trusted");
            Diagnostic::error("not-ours", message)
                .note("it records which tables idgraph made: its owner could make idgraph write into other tables")
                .help(format!(
                    "if idgraph used to run as {owner}, connect as {owner} or GRANT {owner} to the user that idgraph connects as; else find out who made the table before you drop it"
                ))
        };
        self.distrusted.iter().map(said).collect()
    }

    /// Takes for ours what reading harms nobody: a table of a name that idgraph made one of, or a view if its owner is trusted.
    /// What that is, is returned; none of it may be written to.
    pub fn for_reading(&mut self) -> Vec<String> {
        let mut taken = Vec::new();
        for ((schema, name), found) in &mut self.objects {
            let is_harmless = match found.kind {
                Kind::Table => true,
                Kind::View => found.is_trusted,
                Kind::Other => false,
            };
            if self.distrusted.contains_key(schema) {
                found.is_ours &= is_harmless;
            }
            if !found.is_ours && found.was_ours && is_harmless {
                found.is_ours = true;
                taken.push(format!("{schema}.{name}"));
            }
        }
        taken
    }

    fn key_lower(&self, schema: &str, name: &str) -> Option<(String, String)> {
        let key = (schema.to_owned(), name.to_owned());
        if self.objects.contains_key(&key) {
            return Some(key);
        }
        if self.is_lower {
            return None;
        }
        let same =
            |had: &str, wanted: &str| had.chars().flat_map(char::to_lowercase).eq(wanted.chars());
        self.objects.keys().find(|(of, had)| same(of, schema) && same(had, name)).cloned()
    }
}

/// What is said where the schema is not there that Segment lands in: it is not idgraph's to make.
pub(super) fn no_space(space: &str) -> Diagnostic {
    Diagnostic::error("no-space", format!("there is no schema {space}"))
        .help("check `space` and the target: is it the schema that Profiles Sync lands in?")
        .help("for a sandbox, `idgraph render --landed` writes the SQL that makes it with empty tables")
}

impl Found {
    /// What is said instead of changing what others made; `name` is it with its schema.
    pub fn not_ours(&self, name: &str) -> Diagnostic {
        let message = format!("{name} exists, and idgraph did not make it");
        let problem = Diagnostic::error("not-ours", message);
        if !self.was_ours {
            return problem.note("idgraph never changes or drops what it did not make");
        }
        problem
            .note("idgraph made a table of this name, and this is another one: restored from a dump, or made again by somebody else")
            .help(format!("if it was restored, hand it over: idgraph apply --target NAME --adopt {name}, or SCHEMA.* for all that was"))
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// How large tables are.
#[derive(Debug, Clone, Default)]
pub struct Sizes {
    /// Rows by schema and name in lower case; nothing for a table of which the database does not say.
    pub rows: BTreeMap<(String, String), u64>,
    /// Where the numbers are from, for people.
    pub source: &'static str,
}

impl Sizes {
    /// The rows of a table.
    pub fn of(&self, schema: &str, name: &str) -> Option<u64> {
        self.rows.get(&(schema.to_lowercase(), name.to_lowercase())).copied()
    }
}
