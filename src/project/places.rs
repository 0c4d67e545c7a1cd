//! Where every value and key of a YAML text stands.
//!
//! Built from parser events with a stack of its own: neither depth nor aliases can make it grow beyond the text.

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, Span};

use super::written::Written;
use crate::diagnostic::{Diagnostic, Place, Source};

/// How deep values may nest. The file's own shape needs six levels; `serde_yaml` stops at 128.
const DEEPEST: usize = 128;

/// A value's place and those of its parts.
#[derive(Debug)]
pub(super) struct Spanned {
    /// Bytes of the text, never past the end of the line that they start on.
    pub span: Range<usize>,
    /// The byte behind its end, on whatever line.
    pub end: usize,
    /// Its parts.
    pub parts: Parts,
}

/// The parts of a value.
#[derive(Debug)]
pub(super) enum Parts {
    /// None: a scalar, or an alias, which is never expanded here.
    None,
    /// A list's items.
    List(Vec<Spanned>),
    /// A mapping's keys and values.
    Map(Vec<(Spanned, Spanned)>),
}

/// The places of the text's one document; `None` where this parser does not understand the text.
pub(super) fn of(text: &str) -> Option<Spanned> {
    let offsets = Offsets::new(text);
    // Open collections: where each starts, whether it is a mapping, and what it holds so far.
    let mut open: Vec<(usize, bool, Vec<Spanned>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let done = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() > DEEPEST {
                    return None;
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push((offsets.byte(span.start), is_map, Vec::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (start, is_map, parts) = open.pop()?;
                let behind = offsets.byte(span.end);
                // One without brackets ends where the next thing begins, comments behind it included.
                let bracket = offsets.byte(span.start);
                let is_bracketed =
                    text.get(bracket..).is_some_and(|rest| rest.starts_with(['}', ']']));
                let last = parts.last().map_or(start, |part: &Spanned| part.end);
                Spanned {
                    span: first_line(text, start, behind),
                    end: if is_bracketed && bracket >= last { bracket + 1 } else { last },
                    parts: if is_map { Parts::Map(pairs(parts)?) } else { Parts::List(parts) },
                }
            }
            Event::Scalar(..) | Event::Alias(_) => {
                let end = offsets.byte(span.end);
                Spanned { span: offsets.range(text, span), end, parts: Parts::None }
            }
            _ => continue,
        };
        match open.last_mut() {
            Some((_, _, parts)) => parts.push(done),
            None => return Some(done),
        }
    }
    None
}

/// Where a second document starts.
pub(super) fn second_document(text: &str) -> Option<Range<usize>> {
    let offsets = Offsets::new(text);
    Parser::new_from_str(text)
        .map_while(Result::ok)
        .filter(|(event, _)| matches!(event, Event::DocumentStart(_)))
        .nth(1)
        .map(|(_, span)| offsets.range(text, span))
}

/// Refuses a text with absurdly many brackets open at once, before any parser sees it: their time grows with the
/// product of size and depth. Counting ignores quotes and comments, hence the generous limit.
pub(super) fn refuse_deep_brackets(
    text: &str,
    source: &Arc<Source>,
    written: &Written,
) -> Result<(), Diagnostic> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 8 * DEEPEST {
            return Err(too_deep(source, at..at + 1, written));
        }
    }
    Ok(())
}

/// The message for a value nested too deeply.
pub(super) fn too_deep(source: &Arc<Source>, span: Range<usize>, written: &Written) -> Diagnostic {
    Diagnostic::error("too-deep", format!("values nest more than {DEEPEST} levels deep"))
        .at(&Place { source: Arc::clone(source), span }, "this is one level too many")
        .help(format!("{}: is a bracket left open?", written.depth))
}

fn pairs(parts: Vec<Spanned>) -> Option<Vec<(Spanned, Spanned)>> {
    let mut pairs = Vec::with_capacity(parts.len() / 2);
    let mut parts = parts.into_iter();
    while let Some(key) = parts.next() {
        pairs.push((key, parts.next()?));
    }
    Some(pairs)
}

/// The range cut at the end of the line that it starts on, without white space at its end.
fn first_line(text: &str, start: usize, end: usize) -> Range<usize> {
    let Some(part) = text.get(start..end.max(start)) else { return start..start };
    let line = part.split(['\n', '\r']).next().unwrap_or(part).trim_end();
    start..start + line.len()
}

/// Converts positions counted in characters to bytes.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// The byte of every [`Self::STEP`]th character; `None` for ASCII text, where the two are the same.
    checkpoints: Option<Vec<usize>>,
}

impl<'a> Offsets<'a> {
    const STEP: usize = 64;

    pub fn new(text: &'a str) -> Self {
        let checkpoints = (!text.is_ascii())
            .then(|| text.char_indices().step_by(Self::STEP).map(|(byte, _)| byte).collect());
        Self { text, checkpoints }
    }

    /// The byte at which a character starts; the end of the text for one it lacks.
    pub fn at(&self, character: usize) -> usize {
        let Some(checkpoints) = &self.checkpoints else { return character.min(self.text.len()) };
        checkpoints.get(character / Self::STEP).map_or(self.text.len(), |from| {
            let rest = self.text.get(*from..).unwrap_or_default();
            rest.char_indices()
                .nth(character % Self::STEP)
                .map_or(self.text.len(), |(byte, _)| from + byte)
        })
    }

    fn byte(&self, marker: Marker) -> usize {
        self.at(marker.index())
    }

    fn range(&self, text: &str, span: Span) -> Range<usize> {
        first_line(text, self.byte(span.start), self.byte(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value's text, to its end.
    fn texts(text: &str) -> Vec<String> {
        fn collect(text: &str, spanned: &Spanned, all: &mut Vec<String>) {
            all.push(text[spanned.span.start..spanned.end].to_owned());
            match &spanned.parts {
                Parts::None => {}
                Parts::List(parts) => parts.iter().for_each(|part| collect(text, part, all)),
                Parts::Map(parts) => parts.iter().for_each(|(key, value)| {
                    collect(text, key, all);
                    collect(text, value, all);
                }),
            }
        }
        let mut all = Vec::new();
        collect(text, &of(text).unwrap(), &mut all);
        all
    }

    #[test]
    fn values_end_where_their_text_ends() {
        let map = "{ b: [1, 2] }";
        assert_eq!(
            texts(&format!("- {map} # c\n\n# d\n- x: 'é'\n  y: 2 # e\n- z\n")),
            [
                format!("- {map} # c\n\n# d\n- x: 'é'\n  y: 2 # e\n- z").as_str(),
                map,
                "b",
                "[1, 2]",
                "1",
                "2",
                "x: 'é'\n  y: 2",
                "x",
                "'é'",
                "y",
                "2",
                "z"
            ]
            .map(|text| text.to_owned())
        );
        assert_eq!(texts("{ a: , b: ~ }")[1..], ["a", "", "b", "~"]);
        assert_eq!(texts("a:\nb: 1")[1..], ["a", "", "b", "1"]);
    }
}
