//! What a migration may not do, whatever is said of it.

use sqlparser::ast::{ObjectName, SchemaName};

use super::super::taken::How;
use super::Judge;

/// Something that no directive lets a migration do, or only where a schema is not Segment's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It changes the session or a role, which changes what all names mean.
    Session(String),
    /// It names no table and is about every one.
    All(&'static str),
    /// It sends rows to whoever runs it, or waits for them.
    Copy,
    /// It changes, describes or drops a schema, or says who may do what in it.
    Schema(String),
    /// It makes a schema.
    NewSchema(String),
}

impl Judge<'_> {
    pub(super) fn refuse(&mut self, what: impl Into<String>) {
        self.found.refused.push(Refused::Session(what.into()));
    }

    /// A schema that is not what it was.
    pub(super) fn schema(&mut self, name: &ObjectName) -> Vec<String> {
        let name = self.parts(name);
        self.found.refused.extend(name.last().cloned().map(Refused::Schema));
        name
    }

    pub(super) fn create_schema(&mut self, name: &SchemaName, or_replace: bool) {
        let (name, how) = match name {
            SchemaName::Simple(name) => (self.parts(name), or_replace.then_some(How::Schema)),
            SchemaName::UnnamedAuthorization(name) => (vec![self.one(name)], Some(How::Rights)),
            SchemaName::NamedAuthorization(name, _) => (self.parts(name), Some(How::Rights)),
        };
        self.found.refused.extend(name.last().cloned().map(Refused::NewSchema));
        if let Some(how) = how {
            self.take(name, how);
        }
    }

    /// The table of a statement that is about all of them where it names none.
    pub(super) fn table_or_all(
        &mut self,
        name: Option<&ObjectName>,
        what: &'static str,
    ) -> Option<Vec<String>> {
        if name.is_none() {
            self.found.refused.push(Refused::All(what));
        }
        name.map(|name| self.names(name))
    }
}
