//! A rendered file as it is made: its text so far, and what was read of it.

use super::file::{File, Subject, Text, Unit};
use super::limits;
use super::long_text::LongText;
use super::split;
use super::statement::{ObjectRef, Statement, statements};
use super::trace;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::{Dialect, Library};

/// How much of what is rendered is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Every statement.
    Whole,
    /// The first object's, whose template is that of the others, too.
    First,
    /// As `First`, and of the others no more than the names is rendered.
    Least,
    /// None that nobody needs.
    Nothing,
}

/// Reads back what was rendered.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) library: &'a Library,
    pub(super) reading: Reading,
    /// Rendered lines are marked with the template that they come from.
    pub(super) traced: bool,
}

/// The text that makes one object and fills it, with its statements where they were read.
pub(super) struct Part {
    schema: String,
    name: String,
    text: String,
    statements: Vec<Statement>,
    /// Where the text goes on in a transaction of its own, and what that begins with.
    next: Option<(usize, String)>,
}

/// What a file's statements stand between: the session's settings, and a transaction where the dialect has one for a file.
/// `apply` has its own, so this is no part of what it runs.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) open: String,
    pub(super) close: String,
}

/// The most objects that one transaction of a file makes. Each is locked until that ends, and a server as it comes has room
/// for some thousands of locks.
const OBJECTS_A_TRANSACTION: usize = 500;

/// A rendered file in the making.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) subject: Subject,
    text: LongText,
    frame: Frame,
    pub(super) units: Vec<Unit>,
}

impl Reader<'_> {
    /// Whether the statements of a file's object of that number, counted from 0, are read.
    pub(super) fn reads_at(&self, index: usize) -> bool {
        match self.reading {
            Reading::Whole => true,
            Reading::First | Reading::Least => index == 0,
            Reading::Nothing => false,
        }
    }

    /// Whether an object is rendered that is read, or is not.
    pub(super) fn needs(&self, is_read: bool) -> bool {
        is_read || self.reading != Reading::Least
    }

    /// What makes an object of a schema, in the file of that name. `needed`: its statements are. Of a text that may be too long
    /// no more than where they end is.
    ///
    /// # Errors
    /// When a statement is none of the dialect's, or longer than it takes.
    pub(super) fn part(
        &self,
        file: &str,
        (schema, name): (&str, &str),
        text: String,
        needed: bool,
    ) -> Result<Part> {
        let (text, origins) = if self.traced { trace::read(&text) } else { (text, Vec::new()) };
        let mut read = Vec::new();
        let is_long = limits::may_be_too_long(&text, self.dialect);
        if needed || is_long {
            let source = Source::new(format!("{}/{file}.sql", self.dialect.name), text.as_str());
            let problem = if needed {
                read = statements(&source, self.dialect)
                    .map_err(|error| origin(error, &origins, self.library))?;
                limits::too_long(&source, read.iter().map(|one| one.sql.as_str()), self.dialect)
            } else {
                let texts = split::texts(&source, self.dialect)?;
                limits::too_long(&source, texts.into_iter(), self.dialect)
            };
            if let Some(problem) = problem {
                return Err(problem.into());
            }
        }
        let (schema, name) = (schema.to_owned(), name.to_owned());
        Ok(Part { schema, name, text, statements: read, next: None })
    }
}

impl Part {
    /// An object of a schema of which no more than the name matters.
    pub(super) fn unseen((schema, name): (&str, &str)) -> Self {
        let (schema, name) = (schema.to_owned(), name.to_owned());
        Self { schema, name, text: String::new(), statements: Vec::new(), next: None }
    }

    /// The same object, gone on with in a transaction of its own that begins with `open`.
    pub(super) fn then(mut self, open: String, next: Self) -> Self {
        self.next = Some((self.text.len(), open));
        self.text.push('\n');
        self.text.push_str(&next.text);
        self.statements.extend(next.statements);
        self
    }
}

impl Draft {
    /// A file with nothing but its header.
    pub(super) fn new(
        name: &str,
        subject: Subject,
        header: String,
        frame: Frame,
        reading: Reading,
    ) -> Self {
        let text = LongText::from(header);
        // Where not all is read, the text alone is wanted.
        let text = if reading == Reading::Whole { text } else { text.put_aside() };
        let mut draft = Self { name: name.to_owned(), subject, text, frame, units: Vec::new() };
        draft.open();
        draft
    }

    fn open(&mut self) {
        push_frame(&mut self.text, &self.frame.open);
    }

    fn close(&mut self) {
        push_frame(&mut self.text, &self.frame.close);
    }

    /// Adds what makes an object.
    pub(super) fn push(&mut self, part: Part) {
        let Part { schema, name, text, statements, next } = part;
        let is_full =
            !self.units.is_empty() && self.units.len().is_multiple_of(OBJECTS_A_TRANSACTION);
        if is_full && !self.frame.close.trim().is_empty() {
            self.close();
            self.open();
        }
        self.text.push_str("\n");
        let start = self.text.len() as usize;
        let (first, rest) = text.split_at(next.as_ref().map_or(text.len(), |(at, _)| *at));
        self.text.push_str(first);
        if let Some((_, open)) = next {
            self.close();
            push_frame(&mut self.text, &open);
        }
        self.text.push_str(rest);
        let end = self.text.len() as usize;
        self.units.push(Unit { schema, name, text: start..end, statements });
    }

    /// All statements that were read, in order.
    pub(super) fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.units.iter().flat_map(|unit| &unit.statements)
    }

    pub(super) fn into_file(mut self) -> Result<File> {
        self.close();
        let Self { name, subject, text, units, .. } = self;
        Ok(File { name, subject, text: text.into_string()?, units })
    }

    pub(super) fn into_text(mut self) -> Text {
        self.close();
        Text { name: self.name, subject: self.subject, text: self.text }
    }
}

/// A dialect's frame may be empty.
fn push_frame(text: &mut LongText, frame: &str) {
    if !frame.trim().is_empty() {
        text.push_str("\n");
        text.push_str(frame);
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
