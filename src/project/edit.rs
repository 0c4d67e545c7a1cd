//! Adds to a project file and keeps all else of it: comments, order, line ends, how it is laid out.
//!
//! The file is never written anew from its values. What is to be added is put into the text at the place where it
//! belongs; then the text is read again and held against what it should say.

mod layout;

use std::sync::Arc;

use serde_json::Value;

use self::layout::Layout;
use super::found::Found;
use super::places::{self, Parts, Spanned};
use super::yaml::{self, Kind, Node};
use super::{comments, mask, written};
use crate::diagnostic::{Diagnostic, Place, Result, Source};

/// Something to add to a file, below what is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// A word, such as a type.
    Word(String),
    /// Keys, each with its value.
    Map(Vec<(String, Addition)>),
    /// Items of a list.
    List(Vec<String>),
}

/// A text with additions. `name` is what messages call the file.
///
/// # Errors
/// When the text is no YAML, or one of its values stands where another reads it (`*alias`), so that adding to it would
/// change more than was asked.
pub fn with_additions(name: &str, text: &str, addition: &Addition) -> Result<String> {
    let source = Source::new(name, mask::secrets(text));
    let root = read(text, &source)?;
    let Some(spanned) = places::of(text) else {
        return Err(by_hand(&Place { source, span: 0..0 }, addition).into());
    };
    let mut edit = Edit { text, source: &source, layout: Layout::of(text), changes: Vec::new() };
    edit.add(&Spot { node: &root, spanned: &spanned, key: None, in_flow: false }, addition)?;
    let new = edit.finish();
    let mut wanted = root.to_json();
    add_value(&mut wanted, addition);
    let is_right = read(&new, &source).is_ok_and(|read| read.to_json() == wanted)
        && comments_of(&new).starts_with_all(&comments_of(text));
    if !is_right {
        return Err(by_hand(&Place { source, span: 0..0 }, addition).into());
    }
    Ok(new)
}

fn read(text: &str, source: &Arc<Source>) -> Result<Node> {
    let mut found = Found::new(text.len());
    let root = yaml::read(text, source, &written::PROJECT, &mut found)?;
    found.finish()?;
    Ok(root)
}

/// The texts of a file's comments in order.
struct Comments(Vec<String>);

fn comments_of(text: &str) -> Comments {
    let all = comments::of(&Source::new("", text));
    Comments(all.into_iter().map(|comment| comment.text).collect())
}

impl Comments {
    /// Whether the others are the same: nothing that is added has comments.
    fn starts_with_all(&self, others: &Self) -> bool {
        self.0 == others.0
    }
}

/// The value with an addition.
fn add_value(value: &mut Value, addition: &Addition) {
    match addition {
        Addition::Word(word) => *value = Value::String(word.clone()),
        Addition::Map(entries) => {
            if !value.is_object() {
                *value = Value::Object(serde_json::Map::new());
            }
            let Value::Object(map) = value else { return };
            for (key, addition) in entries {
                add_value(map.entry(key.clone()).or_insert(Value::Null), addition);
            }
            // An event of which nothing is known has no value at all.
            if map.is_empty() {
                *value = Value::Null;
            }
        }
        Addition::List(items) => {
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            let Value::Array(list) = value else { return };
            list.extend(items.iter().cloned().map(Value::String));
        }
    }
}

/// A value of the file, and where it stands.
struct Spot<'a> {
    node: &'a Node,
    spanned: &'a Spanned,
    /// Its key; none for the file itself.
    key: Option<&'a Spanned>,
    in_flow: bool,
}

struct Edit<'a> {
    text: &'a str,
    source: &'a Arc<Source>,
    layout: Layout,
    /// Ranges of the text and what comes into their place.
    changes: Vec<(std::ops::Range<usize>, String)>,
}

impl Edit<'_> {
    fn add(&mut self, spot: &Spot<'_>, addition: &Addition) -> Result<()> {
        let place = Place { source: Arc::clone(self.source), span: spot.spanned.span.clone() };
        if self.written(spot.spanned).starts_with('*') {
            return Err(by_hand(&place, addition).into());
        }
        match (&spot.node.kind, &spot.spanned.parts, addition) {
            (Kind::Map(entries), Parts::Map(parts), Addition::Map(wanted))
                if !entries.is_empty() && entries.len() == parts.len() =>
            {
                let in_flow = spot.in_flow || self.is_flow(spot.spanned);
                let mut new = Vec::new();
                for (key, addition) in wanted {
                    let Some((index, _, entry)) = entries.get_full(key) else {
                        new.push((key.clone(), addition));
                        continue;
                    };
                    let Some((key, value)) = parts.get(index) else { continue };
                    let spot = Spot { node: &entry.node, spanned: value, key: Some(key), in_flow };
                    self.add(&spot, addition)?;
                }
                if new.is_empty() {
                    return Ok(());
                }
                if in_flow {
                    let new = new.iter().map(|(key, value)| layout::flow_entry(key, value));
                    return self.among_brackets(spot, new.collect(), &place, addition);
                }
                let Some(first) = parts.first().map(|(key, _)| key.span.start) else {
                    return Ok(());
                };
                let Some(indent) = self.indent(first) else {
                    return Err(by_hand(&place, addition).into());
                };
                let is_root = spot.key.is_none();
                let mut lines = Vec::new();
                for (key, value) in new {
                    if is_root {
                        lines.push(String::new());
                    }
                    self.layout.block(&mut lines, indent, &key, value);
                }
                let end = self.end(spot.spanned);
                let at = if is_root { self.last_line(end) } else { self.line_end(end) };
                self.lines(at, lines);
                Ok(())
            }
            (Kind::List(items), Parts::List(parts), Addition::List(wanted))
                if !items.is_empty() && items.len() == parts.len() =>
            {
                if spot.in_flow || self.is_flow(spot.spanned) {
                    let new = wanted.iter().map(|item| layout::word(item));
                    return self.among_brackets(spot, new.collect(), &place, addition);
                }
                let start = parts.last().map_or(0, |last| last.span.start);
                let line = self.line_start(start);
                let before = self.text.get(line..start).unwrap_or_default();
                let Some(indent) = before.find('-').filter(|at| before[..*at].trim().is_empty())
                else {
                    return Err(by_hand(&place, addition).into());
                };
                let blank = before.get(..indent).unwrap_or_default();
                let lines = wanted.iter().map(|item| format!("{blank}- {}", layout::word(item)));
                let at = self.line_end(self.end(spot.spanned));
                self.lines(at, lines.collect());
                Ok(())
            }
            // Nothing in it yet.
            (Kind::Null, ..) => self.fill(spot, addition, &place),
            (Kind::Map(entries), ..) if entries.is_empty() => self.fill(spot, addition, &place),
            (Kind::List(items), ..) if items.is_empty() => self.fill(spot, addition, &place),
            _ => Err(by_hand(&place, addition).into()),
        }
    }

    /// Gives a key its first value.
    fn fill(&mut self, spot: &Spot<'_>, addition: &Addition, place: &Place) -> Result<()> {
        let Some(key) = spot.key else { return Err(by_hand(place, addition).into()) };
        if matches!(addition, Addition::Map(entries) if entries.is_empty()) {
            return Ok(());
        }
        let written = self.written(spot.spanned);
        if written.starts_with('&') {
            return Err(by_hand(place, addition).into());
        }
        let is_written = !written.is_empty();
        // Behind the colon: where nothing is written, its place is told differently from text to text.
        let behind = self.text.get(key.end..).unwrap_or_default();
        let Some(colon) = behind.find(':').filter(|at| behind[..*at].trim().is_empty()) else {
            return Err(by_hand(place, addition).into());
        };
        let behind = key.end + colon + 1;
        let end = if is_written { self.end(spot.spanned) } else { behind };
        if spot.in_flow {
            self.changes.push((behind..end, format!(" {}", layout::flow(addition))));
            return Ok(());
        }
        let Some(indent) = self.indent(key.span.start) else {
            return Err(by_hand(place, addition).into());
        };
        if let Addition::List(_) = addition {
            self.changes.push((behind..end, format!(" {}", layout::flow(addition))));
            return Ok(());
        }
        if is_written {
            self.changes.push((behind..end, String::new()));
        }
        let mut lines = Vec::new();
        self.layout.inside(&mut lines, indent, addition);
        let at = self.line_end(end);
        self.lines(at, lines);
        Ok(())
    }

    /// Adds to what stands in brackets, behind the last that is there.
    fn among_brackets(
        &mut self,
        spot: &Spot<'_>,
        new: Vec<String>,
        place: &Place,
        addition: &Addition,
    ) -> Result<()> {
        let last = match &spot.spanned.parts {
            Parts::Map(parts) => {
                parts.last().map(|(key, value)| (key.span.start, self.end_of_entry(key, value)))
            }
            Parts::List(parts) => parts.last().map(|last| (last.span.start, self.end(last))),
            Parts::None => None,
        };
        let Some((start, at)) = last else { return Err(by_hand(place, addition).into()) };
        let rest = self.text.get(at..self.line_end(at)).unwrap_or_default().trim();
        let (has_comma, rest) = match rest.strip_prefix(',') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, rest),
        };
        // Each on a line of its own, as the last one is.
        if let Some(indent) = self.indent(start)
            && (rest.is_empty() || rest.starts_with('#'))
        {
            if !has_comma {
                self.changes.push((at..at, ",".to_owned()));
            }
            let count = new.len();
            let line = |(index, item): (usize, &String)| {
                let comma = if has_comma || index + 1 < count { "," } else { "" };
                format!("{:indent$}{item}{comma}", "")
            };
            let lines = new.iter().enumerate().map(line).collect();
            self.lines(self.line_end(at), lines);
            return Ok(());
        }
        let line = self.text.get(self.line_start(spot.spanned.span.start)..).unwrap_or_default();
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let column = self.text.get(self.line_start(at)..at).unwrap_or_default().chars().count();
        let text = self.layout.more(&new, column, indent);
        self.changes.push((at..at, text));
        Ok(())
    }

    /// The text as it is with all changes.
    fn finish(mut self) -> String {
        self.changes.sort_by_key(|(range, _)| range.start);
        let mut new = String::with_capacity(self.text.len());
        let mut done = 0;
        for (range, text) in &self.changes {
            new.push_str(self.text.get(done..range.start).unwrap_or_default());
            new.push_str(text);
            done = range.end;
        }
        new.push_str(self.text.get(done..).unwrap_or_default());
        new
    }

    /// Puts lines where a line begins.
    fn lines(&mut self, at: usize, mut lines: Vec<String>) {
        let before = self.text.get(..at).unwrap_or_default();
        let has_blank = before.ends_with("\n\n") || before.ends_with("\n\r\n");
        if (before.is_empty() || has_blank) && lines.first().is_some_and(String::is_empty) {
            lines.remove(0);
        }
        let end = self.layout.line_end;
        let text = if before.is_empty() || before.ends_with('\n') {
            lines.iter().map(|line| format!("{line}{end}")).collect::<String>()
        } else {
            lines.iter().map(|line| format!("{end}{line}")).collect()
        };
        self.changes.push((at..at, text));
    }

    fn written(&self, spanned: &Spanned) -> &str {
        self.text.get(spanned.span.clone()).unwrap_or_default()
    }

    fn is_flow(&self, spanned: &Spanned) -> bool {
        let written = self.written(spanned);
        // An anchor stands in front of it.
        let value = match written.strip_prefix('&') {
            Some(rest) => rest.trim_start_matches(|char: char| !char.is_whitespace()).trim_start(),
            None => written,
        };
        value.starts_with(['{', '['])
    }

    /// Where a value ends, however many lines it has.
    fn end(&self, spanned: &Spanned) -> usize {
        // The parser may count the blanks behind it.
        let trimmed = || {
            let value = self.text.get(..spanned.end).unwrap_or_default();
            value.trim_end().len().max(spanned.span.start)
        };
        if self.is_flow(spanned) {
            return trimmed();
        }
        match &spanned.parts {
            // `|+` keeps the empty lines behind it.
            Parts::None if self.keeps_blank_lines(spanned) => spanned.end,
            Parts::None => trimmed(),
            Parts::List(parts) => parts.last().map_or(spanned.end, |last| self.end(last)),
            Parts::Map(parts) => {
                parts.last().map_or(spanned.end, |(key, value)| self.end_of_entry(key, value))
            }
        }
    }

    /// Whether it is a text in lines under `|+` or `>+`.
    fn keeps_blank_lines(&self, spanned: &Spanned) -> bool {
        let before = self.text.get(..spanned.span.start).unwrap_or_default().trim_end();
        before.ends_with("|+") || before.ends_with(">+")
    }

    fn end_of_entry(&self, key: &Spanned, value: &Spanned) -> usize {
        if !self.written(value).is_empty() {
            return self.end(value);
        }
        let behind = self.text.get(key.end..).unwrap_or_default();
        match behind.find(':').filter(|at| behind[..*at].trim().is_empty()) {
            Some(colon) => key.end + colon + 1,
            None => key.end,
        }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
    }

    /// Where the next line begins; here, when one does.
    fn line_end(&self, at: usize) -> usize {
        if self.text.get(..at).is_some_and(|before| before.ends_with('\n')) {
            return at;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    /// Where a line can be put behind all that belongs to the file's one document.
    fn last_line(&self, end: usize) -> usize {
        let next = self.line_end(end);
        let rest = self.text.get(next..).unwrap_or_default();
        let is_marker = |line: &str| line.starts_with("...") || line.starts_with("---");
        if rest.lines().any(is_marker) { next } else { self.text.len() }
    }

    /// How far in a line something begins; `None` when anything but blanks stands before it.
    fn indent(&self, at: usize) -> Option<usize> {
        let before = self.text.get(self.line_start(at)..at)?;
        before.chars().all(|char| char == ' ').then_some(before.len())
    }
}

fn by_hand(place: &Place, addition: &Addition) -> Diagnostic {
    let mut lines = Vec::new();
    Layout::of("").inside(&mut lines, 0, addition);
    Diagnostic::error(
        "not-editable",
        "idgraph cannot add to this without changing more of the file",
    )
    .at(place, "")
    .note("what is written once and used in several places cannot be added to in one of them")
    .help(format!("add this by hand:\n{}", lines.join("\n")))
}
