//! The rendered SQL, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::side::{Rendered, Side};

/// How many lines are shown around what differs.
const AROUND: usize = 3;

/// How the statements begin that tell a reader where a hunk is.
const BEGINNINGS: [&str; 5] = ["CREATE ", "INSERT ", "DELETE ", "MERGE ", "ALTER "];

/// A rendered file that differs.
#[derive(Debug, Clone, Serialize)]
pub struct FileDiff {
    /// The dialect.
    pub dialect: String,
    /// Its name below the dialect's folder.
    pub name: String,
    /// Lines that are new.
    pub added: usize,
    /// Lines that are no more.
    pub removed: usize,
    /// The unified diff.
    pub diff: String,
}

/// What differs, and the dialects that differ just as the first one does.
pub(super) fn diff(old: Option<&Side>, new: &Side) -> (Vec<FileDiff>, Vec<String>) {
    let mut all: Vec<FileDiff> = Vec::new();
    let mut alike = Vec::new();
    let mut first: Vec<(String, Vec<String>)> = Vec::new();
    for (number, rendered) in new.dialects.iter().enumerate() {
        let before = old.and_then(|old| old.rendered(&rendered.dialect.name));
        let files = of_dialect(before, Some(rendered), &rendered.dialect.name);
        if number == 0 {
            first = files.iter().map(|(file, lines)| (file.name.clone(), lines.clone())).collect();
            all.extend(files.into_iter().map(|(file, _)| file));
            continue;
        }
        let differs = !files.is_empty();
        let own = files.into_iter().filter(|(file, lines)| {
            !first.iter().any(|(name, same)| *name == file.name && same == lines)
        });
        let own: Vec<FileDiff> = own.map(|(file, _)| file).collect();
        if own.is_empty() && differs {
            alike.push(rendered.dialect.name.clone());
        }
        all.extend(own);
    }
    let gone = old.into_iter().flat_map(|old| &old.dialects);
    for rendered in gone.filter(|one| new.rendered(&one.dialect.name).is_none()) {
        let files = of_dialect(Some(rendered), None, &rendered.dialect.name);
        all.extend(files.into_iter().map(|(file, _)| file));
    }
    (all, alike)
}

/// The files of a dialect that differ, each with the lines that do.
fn of_dialect(
    old: Option<&Rendered>,
    new: Option<&Rendered>,
    dialect: &str,
) -> Vec<(FileDiff, Vec<String>)> {
    let texts = |side: Option<&Rendered>| -> Vec<(String, String)> {
        let files = side.into_iter().flat_map(|side| &side.files);
        files.map(|file| (file.name.clone(), file.text.clone())).collect()
    };
    let (old, new) = (texts(old), texts(new));
    let mut names: Vec<&String> = old.iter().chain(&new).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let text = |side: &[(String, String)], name: &str| {
        side.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone())
    };
    let mut all = Vec::new();
    for name in names {
        let (before, after) = (text(&old, name), text(&new, name));
        if before == after {
            continue;
        }
        let path = |side: Option<&String>, mark: &str| {
            side.map_or("/dev/null".to_owned(), |_| format!("{mark}/{dialect}/{name}"))
        };
        let header = (path(before.as_ref(), "a"), path(after.as_ref(), "b"));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let mut lines = Vec::new();
        let (mut added, mut removed) = (0, 0);
        for change in diff.iter_all_changes() {
            let sign = match change.tag() {
                ChangeTag::Equal => continue,
                ChangeTag::Insert => {
                    added += 1;
                    '+'
                }
                ChangeTag::Delete => {
                    removed += 1;
                    '-'
                }
            };
            lines.push(format!("{sign}{}", change.value()));
        }
        let unified = unified(&diff, &before, &after, header);
        let (dialect, name) = (dialect.to_owned(), name.clone());
        all.push((FileDiff { dialect, name, added, removed, diff: unified }, lines));
    }
    all
}

/// The unified diff. Where other formats of it have line numbers it has the line that begins the statement: what is the same in
/// both versions is not rendered, and not counted.
fn unified(
    diff: &TextDiff<'_, '_, str>,
    before: &str,
    after: &str,
    (old, new): (String, String),
) -> String {
    let mut text = format!("--- {old}\n+++ {new}\n");
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    for group in diff.grouped_ops(AROUND) {
        let Some(first) = group.first() else { continue };
        // What stands in front of the first line, in the version that has more of it.
        let (lines, start) = if after.is_empty() {
            (&before, first.old_range().start)
        } else {
            (&after, first.new_range().start)
        };
        let above = lines.get(..start).unwrap_or_default();
        let begins = |line: &&&str| BEGINNINGS.iter().any(|word| line.starts_with(word));
        match above.iter().rev().find(begins) {
            Some(line) => text.push_str(&format!("@@ {line} @@\n")),
            None => text.push_str("@@ @@\n"),
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Insert => '+',
                ChangeTag::Delete => '-',
            };
            text.push(sign);
            text.push_str(change.value().trim_end_matches(['\n', '\r']));
            text.push('\n');
        }
    }
    text
}
