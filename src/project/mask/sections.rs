//! Values that nobody asked for: those of keys that a target, or the file itself, does not have.
//!
//! What stands under a misspelt key (`pasword:`) is taken for a secret, whatever it is. The text is taken section by section,
//! so that what is no YAML in one hides nothing in another.

use std::ops::Range;

use super::{is_line_end, until};
use crate::diagnostic::nearest;
use crate::project::places::{self, Parts, Spanned};

const TARGETS: &str = "targets";

/// The keys of the file and those of a target.
pub(super) struct Keys<'a> {
    pub file: &'a [String],
    pub target: &'a [String],
}

/// The values of unknown keys.
pub(super) fn spans(text: &str, keys: &Keys<'_>) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for section in sections(text) {
        let part = text.get(section.clone()).unwrap_or_default();
        let key = part.split_once(':').map(|(key, _)| bare(key));
        let is_indented = part.starts_with(char::is_whitespace);
        let is_plain = |key: &str| !key.contains(['{', '[', '\n']) && !is_indented;
        if key.is_some_and(|key| is_plain(key) && key != TARGETS && keys.is_of_file(key)) {
            continue;
        }
        let found = match places::of(part) {
            Some(root) => of_file(part, &root, keys),
            None => by_line(part, keys),
        };
        spans.extend(
            found.into_iter().map(|span| section.start + span.start..section.start + span.end),
        );
    }
    spans
}

impl Keys<'_> {
    /// Whether a key is the file's own, or so near to one that the value is no secret.
    fn is_of_file(&self, key: &str) -> bool {
        let known = || self.file.iter().map(String::as_str);
        known().any(|one| one == key)
            || nearest(key, known().filter(|one| *one != TARGETS)).is_some()
    }
}

/// The parts of the text that start with a key in its first column.
fn sections(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = !line.starts_with(|char: char| char.is_whitespace() || "#-}]".contains(char));
        if begins && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// A key without the quotes around it.
fn bare(key: &str) -> &str {
    key.trim().trim_matches(['"', '\''])
}

fn of_file(text: &str, root: &Spanned, keys: &Keys<'_>) -> Vec<Range<usize>> {
    let Parts::Map(entries) = &root.parts else { return Vec::new() };
    let mut spans = Vec::new();
    for (key, value) in entries {
        let name = bare(text.get(key.span.clone()).unwrap_or_default());
        match (&value.parts, name) {
            (Parts::Map(targets), TARGETS) => {
                targets
                    .iter()
                    .for_each(|(name, target)| spans.extend(of_target(text, name, target, keys)));
            }
            _ if name == TARGETS || !keys.is_of_file(name) => {
                spans.extend(behind(text, key, value))
            }
            _ => {}
        }
    }
    spans
}

fn of_target(text: &str, name: &Spanned, target: &Spanned, keys: &Keys<'_>) -> Vec<Range<usize>> {
    let Parts::Map(entries) = &target.parts else { return behind(text, name, target) };
    let mut spans = Vec::new();
    for (key, value) in entries {
        let key_name = bare(text.get(key.span.clone()).unwrap_or_default());
        if !keys.target.iter().any(|known| known == key_name) {
            spans.extend(behind(text, key, value));
        } else if let Some(at) =
            text.get(value.span.start..value.end).and_then(|text| text.find('?'))
        {
            // The parameters of an address.
            spans.extend(values(text, value.span.start + at + 1..value.end));
        }
    }
    spans
}

/// What stands behind a key, tag and anchor included, and in a comment behind that.
fn behind(text: &str, key: &Spanned, value: &Spanned) -> Vec<Range<usize>> {
    let between = text.get(key.end..value.end).unwrap_or_default();
    let from = key.end + between.find(':').map_or(0, |at| at + 1);
    let mut spans = values(text, from..value.end);
    let rest = until(text, value.end, is_line_end);
    if let Some((before, _)) = text.get(rest.clone()).and_then(|rest| rest.split_once('#'))
        && before.trim().is_empty()
    {
        spans.extend(values(text, rest.start + before.len() + 1..rest.end));
    }
    spans
}

/// A part of the text, less the blanks and quotes around it.
fn values(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + part.len() - part.trim_start().len();
    let part = part.trim();
    let quote = part.chars().next().filter(|char| "\"'".contains(*char));
    let (start, part) = match quote.and_then(|quote| part.strip_prefix(quote)) {
        Some(inner) => (start + 1, inner),
        None => (start, part),
    };
    let part = part.trim_end_matches(['"', '\'']);
    let span = start..start + part.len();
    if span.is_empty() { Vec::new() } else { Vec::from([span]) }
}

/// Where the text is no YAML: all that follows a key on its line, unless it is one that a target has.
fn by_line(text: &str, keys: &Keys<'_>) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(is_line_end) {
        let (start, content) = (at, line.trim_end());
        at += line.len();
        let key = content.split_once(':').map(|(key, _)| key);
        let is_known = key.is_some_and(|key| keys.target.iter().any(|known| known == bare(key)));
        if content.trim_start().starts_with('#') || is_known {
            continue;
        }
        spans.extend(values(
            text,
            start + key.map_or(0, |key| key.len() + 1)..start + content.len(),
        ));
    }
    spans
}
