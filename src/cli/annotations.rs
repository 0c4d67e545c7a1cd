//! What was found, for programs: JSON, annotations of GitHub Actions, a code quality report of GitLab.

use std::collections::HashSet;

use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::diagnostic::{Diagnostic, Result, Severity};
use crate::visible;

#[derive(Serialize)]
struct Found<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    reasons: Vec<&'a str>,
    fixes: Vec<&'a str>,
}

impl<'a> Found<'a> {
    fn new(one: &'a Diagnostic) -> Self {
        let place = one.place();
        let (line, column) = place.map_or((1, 1), |place| place.start());
        let (end_line, end_column) = place.map_or((1, 1), |place| place.end());
        Self {
            rule: one.code(),
            severity: match one.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Information => "notice",
            },
            message: one.message(),
            file: place.map(|place| place.source.name.as_str()),
            line,
            column,
            end_line,
            end_column,
            reasons: one.notes().collect(),
            fixes: one.helps().collect(),
        }
    }
}

/// An array of objects.
pub(super) fn json(found: &[Diagnostic]) -> Result<String> {
    pretty(&found.iter().map(Found::new).collect::<Vec<_>>())
}

/// Workflow commands, a line each: GitHub shows them on the lines of the file.
pub(super) fn github(found: &[Diagnostic]) -> String {
    let mut text = String::new();
    for one in found.iter().map(Found::new) {
        let place = match one.file {
            Some(file) => format!(
                "file={},line={},col={},endLine={},endColumn={},",
                property(file),
                one.line,
                one.column,
                one.end_line,
                one.end_column
            ),
            None => String::new(),
        };
        let parts = [one.message].into_iter().chain(one.reasons).chain(one.fixes);
        let message = parts.collect::<Vec<_>>().join("\n");
        let (severity, rule) = (one.severity, property(one.rule));
        text.push_str(&format!("::{severity} {place}title={rule}::{}\n", data(&message)));
    }
    text
}

/// What would end the command's text.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What would end a property of the command.
fn property(text: &str) -> String {
    data(&visible::line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// A report for `artifacts:reports:codequality`.
pub(super) fn gitlab(found: &[Diagnostic]) -> Result<String> {
    let mut issues: Vec<Issue<'_>> = Vec::new();
    let mut known = HashSet::new();
    for one in found.iter().map(Found::new) {
        let path = one.file.unwrap_or("idgraph.yml");
        let path = path.strip_prefix("./").unwrap_or(path);
        let mut fingerprint = fingerprint(&[path, one.rule, one.message]);
        // The same message twice is two issues. No line goes in: an issue stays the same when lines move.
        while !known.insert(fingerprint.clone()) {
            fingerprint = self::fingerprint(&[&fingerprint]);
        }
        let parts = [one.message].into_iter().chain(one.fixes);
        issues.push(Issue {
            description: parts.collect::<Vec<_>>().join(". "),
            check_name: one.rule,
            fingerprint,
            severity: match one.severity {
                "error" => "major",
                "warning" => "minor",
                _ => "info",
            },
            location: Location { path, lines: Lines { begin: one.line } },
        });
    }
    pretty(&issues)
}

fn fingerprint(parts: &[&str]) -> String {
    let hash = Sha1::digest(parts.join("\0").as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Diagnostic::error("unwritable", error.to_string()).into())
}
