//! A rendered file: its name, its text, and the statements that were read of it.

use std::ops::Range;

use super::long_text::LongText;
use super::statement::Statement;
use crate::project::Model;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The schemas, and what the statements need besides.
    Schema,
    /// The landed tables.
    Landed,
    /// What idgraph remembers between refreshes.
    State,
    /// A model.
    Model(Model),
    /// What runs the refresh by the clock.
    Schedule,
}

/// A rendered file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, `20_id_graph.sql`: a file only reads what files of lower numbers make.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// Its whole text.
    pub text: String,
    /// Its statements, a unit for each object, in order.
    pub units: Vec<Unit>,
}

/// A rendered file, its statements not read.
#[derive(Debug)]
pub struct Text {
    /// As [`File::name`].
    pub name: String,
    /// As [`File::subject`].
    pub subject: Subject,
    /// As [`File::text`], put aside where it is long.
    pub text: LongText,
}

/// The statements that make one object and fill it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The object's schema, as the warehouse's catalog has it; empty when it is in none.
    pub schema: String,
    /// Its name; empty when the unit makes the schema itself.
    pub name: String,
    /// Where its text stands in the file's.
    pub text: Range<usize>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

impl From<File> for Text {
    fn from(file: File) -> Self {
        Self { name: file.name, subject: file.subject, text: file.text.into() }
    }
}

impl File {
    /// All statements of the file, in order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.units.iter().flat_map(|unit| &unit.statements)
    }
}
