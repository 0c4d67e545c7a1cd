//! What the YAML parser complains about, in words for the file's author.

use std::ops::Range;
use std::sync::Arc;

use super::places::{self, Offsets};
use super::words::quoted;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Place, Source};

/// The message for an error of `serde_yaml`. `bomb` says that the budget of values ran out.
pub(super) fn explain(
    error: &serde_yaml::Error,
    bomb: bool,
    text: &str,
    source: &Arc<Source>,
    written: &Written,
) -> Diagnostic {
    let said = error.to_string();
    let span = error.location().map(|location| mark(text, location.index()));
    let place = |span: Range<usize>| Place { source: Arc::clone(source), span };
    if bomb || said.contains("repetition limit") {
        return too_many_aliases(text, source);
    }
    if said.contains("EOF while parsing") {
        return empty(source, written);
    }
    if said.contains("recursion limit") {
        return places::too_deep(source, span.unwrap_or(0..0), written);
    }
    if said.contains("more than one document") {
        let diagnostic =
            Diagnostic::error("several-documents", "the file holds more than one YAML document")
                .help(format!(
                    "keep one {} in a file; remove the line `---` between the two",
                    written.thing()
                ));
        return match places::second_document(text) {
            Some(span) => diagnostic.at(&place(span), "the second starts here"),
            None => diagnostic,
        };
    }
    if said.contains("unknown anchor") {
        let span = alias(text, span.unwrap_or(0..0));
        // As it is shown: it may be a secret that begins with `*`.
        let name = source.text.get(span.clone()).unwrap_or_default();
        let anchor = name.trim_start_matches('*');
        if anchor.is_empty() {
            return Diagnostic::error("unknown-anchor", "an alias refers to nothing")
                .at(&place(span), "")
                .help("define the anchor first, or, if a text should start with `*`, put it in quotes");
        }
        return Diagnostic::error(
            "unknown-anchor",
            format!("the alias {} refers to nothing", quoted(name)),
        )
        .at(&place(span), format!("no {} comes before this", quoted(&format!("&{anchor}"))))
        .help("define the anchor first, or, if a text should start with `*`, put it in quotes");
    }
    if let Some(span) = &span
        && text.get(span.clone()) == Some("\t")
    {
        return Diagnostic::error(
            "not-yaml",
            "this is not valid YAML: a tab stands where only spaces may",
        )
        .at(&place(span.clone()), "a tab")
        .help("indent with spaces");
    }
    let message = format!("this is not valid YAML: {}", problem(&said));
    let diagnostic = Diagnostic::error("not-yaml", message);
    let diagnostic = match span {
        Some(span) => diagnostic.at(&place(span), "the mistake is here or before"),
        None => diagnostic,
    };
    match advice(&said) {
        Some(advice) => diagnostic.help(advice),
        None => diagnostic,
    }
}

/// The message for a file that says nothing.
pub(super) fn empty(source: &Arc<Source>, written: &Written) -> Diagnostic {
    Diagnostic::error(
        "file-empty",
        format!("there is nothing in `{}`, or only comments", source.name),
    )
    .help(written.first)
}

fn too_many_aliases(text: &str, source: &Arc<Source>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "too-many-aliases",
        "the aliases of this file expand to more values than any project has",
    )
    .help("write the values out instead of repeating them through `*alias`");
    // Any alias will do to show what is meant; the last is usually the outermost.
    match text.rfind(" *").map(|at| alias(text, at + 1..at + 1)) {
        Some(span) => {
            diagnostic.at(&Place { source: Arc::clone(source), span }, "an alias, written with `*`")
        }
        None => diagnostic,
    }
}

/// The character at an index counted in characters, or the end of the last line that has text.
fn mark(text: &str, index: usize) -> Range<usize> {
    let end = text.trim_end().len();
    let start = Offsets::new(text).at(index);
    match text.get(start..).and_then(|rest| rest.chars().next()) {
        Some(character) if start < end => {
            // A line break cannot be marked.
            let width = if matches!(character, '\n' | '\r') { 0 } else { character.len_utf8() };
            start..start + width
        }
        _ => end..end,
    }
}

/// The whole alias that starts at a span.
fn alias(text: &str, span: Range<usize>) -> Range<usize> {
    let rest = text.get(span.start..).unwrap_or_default();
    let length =
        rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
    span.start..span.start + length
}

/// The complaint without positions, which the diagnostic shows by itself.
fn problem(said: &str) -> String {
    let parts = said.split(", ").map(|part| part.split(" at line ").next().unwrap_or(part));
    let mut parts: Vec<&str> =
        parts.map(|part| part.split(" at position ").next().unwrap_or(part)).collect();
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// What usually lies behind a complaint.
fn advice(said: &str) -> Option<&'static str> {
    let table = [
        (
            "cannot start any token",
            "put text that starts with `@`, `%`, a backquote or `|` in quotes",
        ),
        (
            "mapping values are not allowed",
            "text that holds `: ` must be in quotes; keys of one mapping must start in the same column",
        ),
        (
            "expected key",
            "each key of a mapping is written `key: value`, in the column of its siblings",
        ),
        ("expected node content", "a value is missing before this, or a bracket is the wrong one"),
        ("expected ',' or '}'", "is a comma or the closing `}` missing?"),
        ("expected ',' or ']'", "is a comma or the closing `]` missing?"),
        ("could not find expected ':'", "each key is followed by `: ` and its value"),
        ("control characters", "remove the invisible character"),
        ("end of stream", "a quote is left open"),
        ("escape", "in double quotes `\\` starts an escape: write `\\\\`, or use single quotes"),
    ];
    table.into_iter().find(|(key, _)| said.contains(key)).map(|(_, advice)| advice)
}
