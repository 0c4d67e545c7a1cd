//! A rendered file before it is read back: its text, and which part of it makes which object.

use std::ops::Range;

use super::files::{File, Subject, Unit};
use super::limits;
use super::statement::{ObjectRef, statements};
use super::trace;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::{Dialect, Library};

/// How much of a draft is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Every statement.
    Whole,
    /// The first object's, whose template is that of the others, too.
    Least,
}

/// A rendered file, not read yet.
pub(super) struct Draft {
    name: &'static str,
    subject: Subject,
    text: String,
    parts: Vec<Part>,
}

/// The text that makes one object and fills it.
struct Part {
    schema: String,
    name: String,
    span: Range<usize>,
    /// For each line the template and its line that it comes from; empty unless that was asked for.
    origins: Vec<Option<(String, usize)>>,
}

impl Draft {
    /// Puts a file together: a header, and for each part the object's schema, its name and the text.
    pub(super) fn new(
        (name, subject): (&'static str, Subject),
        header: String,
        parts: Vec<(&String, &str, String)>,
        traced: bool,
    ) -> Self {
        let mut text = header;
        text.reserve(parts.iter().map(|(.., part)| part.len() + 1).sum());
        let mut put = |(schema, table, part): (&String, &str, String)| {
            let (part, origins) = if traced { trace::read(&part) } else { (part, Vec::new()) };
            text.push('\n');
            let span = text.len()..text.len() + part.len();
            text.push_str(&part);
            Part { schema: schema.clone(), name: table.to_owned(), span, origins }
        };
        let parts = parts.into_iter().map(&mut put).collect();
        Self { name, subject, text, parts }
    }

    /// The file with its statements, or with the least of them.
    ///
    /// # Errors
    /// When a statement is none of the dialect's, or longer than it takes.
    pub(super) fn read(
        self,
        dialect: &Dialect,
        library: &Library,
        reading: Reading,
    ) -> Result<File> {
        let mut units = Vec::new();
        for (index, part) in self.parts.into_iter().enumerate() {
            let text = self.text.get(part.span.clone()).unwrap_or_default();
            let is_read =
                index == 0 || reading == Reading::Whole || limits::may_be_too_long(text, dialect);
            let statements = if is_read {
                let name = format!("{}/{}.sql", dialect.name, self.name);
                let source = Source::new(name, text.to_owned());
                let statements = statements(&source, dialect)
                    .map_err(|error| origin(error, &part.origins, library))?;
                if let Some(problem) = limits::too_long(&source, &statements, dialect) {
                    return Err(problem.into());
                }
                statements
            } else {
                Vec::new()
            };
            units.push(Unit { schema: part.schema, name: part.name, text: part.span, statements });
        }
        Ok(File { name: self.name.to_owned(), subject: self.subject, text: self.text, units })
    }
}

impl Unit {
    /// What it makes, as statements name it.
    pub(super) fn object(&self) -> ObjectRef {
        ObjectRef { schema: Some(self.schema.to_lowercase()), name: self.name.to_lowercase() }
    }
}

/// Adds to messages about rendered SQL the line of the template that it comes from, where that is known.
fn origin(
    error: Diagnostics,
    origins: &[Option<(String, usize)>],
    library: &Library,
) -> Diagnostics {
    let place_in_template = |diagnostic: &Diagnostic| {
        let place = diagnostic.place()?;
        let line = trace::line_of(&place.source, place.span.start);
        let (template, number) = origins.get(line)?.as_ref()?;
        let source = library.source(template).ok()??;
        let span = source.line(*number);
        Some(Place { source, span })
    };
    let with_template = |diagnostic: Diagnostic| match place_in_template(&diagnostic) {
        Some(place) => diagnostic.and_at(&place, "rendered from this line"),
        None => diagnostic,
    };
    error.into_iter().map(with_template).collect()
}
