//! The one kind of error that users see: what is wrong, where, why, and what to do.
//!
//! Every module reports through [`Diagnostic`]. A command that can find several mistakes collects
//! them in [`Diagnostics`] and fails once, with all of them.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::project::mask;
use crate::visible;

/// A text that diagnostics point into: a project file, a template, a rendered statement.
#[derive(Debug, Clone)]
pub struct Source {
    /// What the user calls it, usually a path.
    pub name: String,
    /// Its whole text.
    pub text: String,
    /// Where its lines begin, once somebody asked: a file can have as many mistakes as lines.
    starts: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}

impl Eq for Source {}

impl Source {
    /// A source by the name and text given.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), starts: OnceLock::new() })
    }

    /// The byte range of a line's text, counted from 1; the end of the source for a line it lacks.
    pub fn line(&self, number: usize) -> Range<usize> {
        let end = self.text.len();
        let start_of = |number: usize| self.starts().get(number).copied();
        let Some(start) = number.checked_sub(1).and_then(start_of) else { return end..end };
        let line = self.text.get(start..start_of(number).unwrap_or(end)).unwrap_or_default();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// The number of the line that a byte is in, counted from 1, and where that line begins.
    fn line_at(&self, byte: usize) -> (usize, usize) {
        let number = self.starts().partition_point(|start| *start <= byte);
        let start = number.checked_sub(1).and_then(|index| self.starts().get(index));
        (number, start.copied().unwrap_or_default())
    }

    /// The whole lines that a span is in, as bytes, and the number of the first one.
    fn lines_of(&self, span: Range<usize>) -> (Range<usize>, usize) {
        let (number, start) = self.line_at(span.start);
        let (last, _) = self.line_at(span.end.max(span.start));
        (start..self.starts().get(last).copied().unwrap_or(self.text.len()), number)
    }
}

/// A place in a [`Source`]: a byte range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text pointed into.
    pub source: Arc<Source>,
    /// Bytes, within `source.text`.
    pub span: Range<usize>,
}

impl Place {
    /// Line and column of its start, counted from 1, the column in characters.
    pub fn start(&self) -> (usize, usize) {
        self.position(self.span.start)
    }

    /// Line and column behind its end.
    pub fn end(&self) -> (usize, usize) {
        self.position(self.span.end)
    }

    fn position(&self, byte: usize) -> (usize, usize) {
        let text = &self.source.text;
        let byte = if text.is_char_boundary(byte) { byte } else { text.len() };
        let (number, start) = self.source.line_at(byte);
        (number, text.get(start..byte).unwrap_or_default().chars().count() + 1)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The command cannot do its work.
    Error,
    /// The command goes on; the user should know.
    Warning,
    /// Nothing is wrong.
    Information,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    place: Place,
    text: String,
    primary: bool,
}

/// One message for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    code: &'static str,
    severity: Severity,
    message: String,
    labels: Vec<Label>,
    notes: Vec<String>,
    helps: Vec<String>,
}

impl Diagnostic {
    /// An error. `code` is its stable slug (`unknown-key`); `message` says what is wrong.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A warning, see [`Diagnostic::error`].
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// What is good to know, see [`Diagnostic::error`].
    pub fn information(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Information, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        let message = shown(&message);
        Self { code, severity, message, labels: Vec::new(), notes: Vec::new(), helps: Vec::new() }
    }

    /// Where it is, with a few words shown under the place (none: just the marks).
    #[must_use]
    pub fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        let text = shown(&text.into());
        self.labels.push(Label { place: place.clone(), text, primary: true });
        self
    }

    /// Another place that matters, such as the first of two that collide.
    #[must_use]
    pub fn and_at(mut self, place: &Place, text: impl Into<String>) -> Self {
        let text = shown(&text.into());
        self.labels.push(Label { place: place.clone(), text, primary: false });
        self
    }

    /// Why it is wrong, when the message alone does not say it.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(shown(&text.into()));
        self
    }

    /// The vendor's page that says so; nothing where a dialect names none.
    #[must_use]
    pub fn see(self, page: &str) -> Self {
        if page.is_empty() { self } else { self.note(format!("see {page}")) }
    }

    /// What to do, or to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(shown(&text.into()));
        self
    }

    /// The same, what begins with one path named by another: for files that stand where nobody put them.
    #[must_use]
    pub fn elsewhere(mut self, path: &str, named: &str) -> Self {
        for text in [&mut self.message].into_iter().chain(&mut self.notes).chain(&mut self.helps) {
            *text = text.replace(path, named);
        }
        for label in &mut self.labels {
            let source = &label.place.source;
            let name = source.name.replace(path, named);
            label.place.source = Source::new(name, source.text.as_str());
        }
        self
    }

    /// The stable slug.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, without place or help.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place that it is about, when it is about one.
    pub fn place(&self) -> Option<&Place> {
        self.labels.iter().find(|label| label.primary).map(|label| &label.place)
    }

    /// Why it is wrong.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }

    /// What to do.
    pub fn helps(&self) -> impl Iterator<Item = &str> {
        self.helps.iter().map(String::as_str)
    }

    /// The whole message as shown to a person, in colour when `styled`.
    pub fn render(&self, styled: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Information => Level::INFO,
        };
        let mut group = Group::with_title(level.primary_title(&self.message).id(self.code));
        let mut sources: Vec<&Arc<Source>> = Vec::new();
        for label in &self.labels {
            if !sources.contains(&&label.place.source) {
                sources.push(&label.place.source);
            }
        }
        for source in sources {
            let labels = || self.labels.iter().filter(|label| label.place.source == *source);
            let start = labels().map(|label| label.place.span.start).min().unwrap_or_default();
            let end = labels().map(|label| label.place.span.end).max().unwrap_or_default();
            // Of the text only what is shown: a renderer reads all that it is given, for each message anew.
            let (shown, number) = source.lines_of(start..end);
            let text = source.text.get(shown.clone()).unwrap_or_default();
            let snippet = Snippet::source(text).line_start(number);
            let snippet = snippet.path(visible::line(&source.name));
            group = group.element(snippet.annotations(labels().map(|label| {
                let kind =
                    if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let Range { start, end } = label.place.span;
                let span = kind.span(start - shown.start..end - shown.start);
                if label.text.is_empty() { span } else { span.label(label.text.as_str()) }
            })));
        }
        for note in &self.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        for help in &self.helps {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }
}

/// A text as it may be shown: without secrets, and without characters that steer a terminal.
fn shown(text: &str) -> String {
    mask::in_message(&visible::lines(text))
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

/// One or more messages that end a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// `Ok` when nothing was found wrong, else all of it.
    pub fn check(found: Vec<Diagnostic>) -> Result<()> {
        if found.is_empty() { Ok(()) } else { Err(Self(found)) }
    }

    /// The messages, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n\n")?;
            }
            diagnostic.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// The result of everything that can fail in front of a user.
pub type Result<T> = std::result::Result<T, Diagnostics>;

/// The candidate nearest to a misspelt word, when one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time by the product of lengths, and no such word is a slip of the pen.
    if word.len() > 100 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Help for a name that there is not: the nearest that there is, or all of them.
pub fn meant(name: &str, names: &[&str]) -> String {
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shows_the_place_the_reason_and_the_way_out() {
        let source = Source::new("idgraph.yml", "space: acme\nspcae: x\n");
        let place = Place { source, span: 12..17 };
        let shown = Diagnostic::error("unknown-key", "there is no key `spcae`")
            .at(&place, "not a key of the project file")
            .help("did you mean `space`?")
            .to_string();
        assert_eq!(
            shown,
            "error[unknown-key]: there is no key `spcae`\n \
             --> idgraph.yml:2:1\n  |\n2 | spcae: x\n  | ^^^^^ not a key of the project file\n  |\n  \
             = help: did you mean `space`?"
        );
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("varchr", ["varchar", "float"]), Some("varchar"));
        assert_eq!(nearest("json", ["varchar", "float"]), None);
    }
}
