//! What a change of the project does, for people and for programs.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::annotations;
use super::output::{printable, table};
use crate::diagnostic::{Diagnostic, Place, Result};
use crate::engine::{Cell, Rows};
use crate::project::Project;
use crate::review::{ColumnChange, FileDiff, ObjectDiff, Review, TableRows, What};

/// The longest comment that GitHub takes, in characters; bytes are never fewer.
const LONGEST: usize = 65_536;

/// The most objects that are listed for people; beyond, they are counted.
const LISTED: usize = 40;

/// The most bytes of a comment that rows of fixtures take.
const ROWS: usize = 15_000;

/// The most columns that are listed of one object.
const COLUMNS: usize = 6;

/// `2 objects change, rows of 1 model can change`
pub(super) fn headline(review: &Review) -> String {
    if review.is_empty() {
        return "no difference".to_owned();
    }
    let all = [
        (What::Removed, "removed"),
        (What::Rebuilt, "rebuilt"),
        (What::Changed, "changed"),
        (What::Added, "added"),
        (What::Rows, "with other rows alone"),
        (What::Text, "with other text alone"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (what, word) in all {
        let count = review.count(what);
        if count > 0 {
            let noun = match (parts.is_empty(), count) {
                (true, 1) => " table or view",
                (true, _) => " tables and views",
                (false, _) => "",
            };
            parts.push(format!("{count}{noun} {word}"));
        }
    }
    let changes = |one: &&ObjectDiff| one.rows_can_change && !one.only_gains_columns();
    let rows = review.objects.iter().filter(changes).count();
    parts.push(match rows {
        _ if parts.is_empty() => "the rendered files alone".to_owned(),
        0 => "no row that is there changes".to_owned(),
        1 => "rows of 1 can change".to_owned(),
        rows => format!("rows of {rows} can change"),
    });
    parts.join(", ")
}

fn word(what: What) -> &'static str {
    match what {
        What::Removed => "removed",
        What::Rebuilt => "rebuilt",
        What::Changed => "changed",
        What::Added => "added",
        What::Rows => "rows alone",
        What::Text => "text alone",
    }
}

/// What happens to the columns, and why: `+ plan text`.
fn details(one: &ObjectDiff, code: &str) -> String {
    let quoted = |name: &str| format!("{code}{name}{code}");
    let mut parts: Vec<String> = one
        .columns
        .iter()
        .take(COLUMNS)
        .map(|change| match change {
            ColumnChange::Added { name, r#type } => format!("+ {} {type}", quoted(name)),
            ColumnChange::Dropped { name } => format!("− {}", quoted(name)),
            ColumnChange::Renamed { from, name } => format!("{} → {}", quoted(from), quoted(name)),
            ColumnChange::Retyped { name, from, r#type } => {
                format!("{} {from} → {type}", quoted(name))
            }
        })
        .collect();
    if let Some(more) = one.columns.len().checked_sub(COLUMNS + 1) {
        parts.push(format!("{} more columns", more + 1));
    }
    parts.extend(one.reasons.iter().cloned());
    parts.join(", ")
}

fn rows(one: &ObjectDiff) -> &'static str {
    match (one.rows_can_change, one.what) {
        (true, _) if one.only_gains_columns() => "gain columns",
        (true, _) => "can change",
        (false, What::Added) if one.kind == "model" => "new",
        (false, What::Removed) if one.kind == "model" => "gone",
        (false, What::Removed) => "no longer read",
        (false, _) => "stay",
    }
}

fn below(one: &ObjectDiff, code: &str) -> String {
    let mut parts: Vec<String> =
        one.downstream.iter().take(COLUMNS).map(|name| format!("{code}{name}{code}")).collect();
    if let Some(more) = one.downstream.len().checked_sub(COLUMNS + 1) {
        parts.push(format!("{} more", more + 1));
    }
    parts.join(", ")
}

/// What a migration does, a line each; destructive ones first.
fn migrations(review: &Review, code: &str) -> Vec<String> {
    let mut all: Vec<_> = review.migrations.iter().collect();
    all.sort_by_key(|one| one.destructive.is_empty());
    let line = |one: &&crate::review::MigrationAdded| {
        let mut line = format!(
            "{code}{}{code}: {} {}",
            printable(&one.file),
            one.statements,
            if one.statements == 1 { "statement" } else { "statements" }
        );
        if !one.destructive.is_empty() {
            let objects: Vec<String> =
                one.destructive.iter().map(|object| format!("{code}{object}{code}")).collect();
            let _ = write!(line, ", takes away {}", objects.join(", "));
        }
        if !one.in_transaction {
            line.push_str(", without a transaction");
        }
        if !one.has_way_back {
            line.push_str(", no way back");
        }
        line
    };
    let mut lines: Vec<String> = all.iter().map(line).collect();
    if review.migration_wanted {
        lines.push(format!("none yet: {code}idgraph migrate new{code} writes it"));
    }
    lines
}

/// The rows of fixtures that come out otherwise, a table for each model.
fn fixture_rows(rows: &[TableRows]) -> String {
    let mut text = String::new();
    if rows.is_empty() {
        text.push_str("none: every fixture comes out as before\n");
    }
    for (number, one) in rows.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "{}, batch {}, {}", printable(&one.fixture), one.batch, one.table);
        let columns = [String::new()].into_iter().chain(one.columns.iter().cloned()).collect();
        let row = |(what, cells): &(&str, Vec<String>)| {
            let cells = [(*what).to_owned()].into_iter().chain(cells.iter().cloned());
            cells.map(Cell::Text).collect()
        };
        let shown = one.rows.iter().take(LISTED).map(row).collect();
        text.push_str(&table(&Rows { columns, rows: shown, more: false }));
        if let Some(more) = one.rows.len().checked_sub(LISTED + 1) {
            let _ = writeln!(text, "and {} rows more", more + 1);
        }
    }
    text
}

/// For a terminal.
pub(super) fn text(review: &Review, base: &str) -> String {
    if review.is_empty() {
        return String::new();
    }
    let bold = Style::new().bold();
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    let (green, red) = (colour(AnsiColor::Green), colour(AnsiColor::Red));
    let mut text = format!("{bold}Compared with {}{bold:#}\n\n", printable(base));
    let mut cells = vec![["object", "change", "", "rows", "computed from it"].map(str::to_owned)];
    for one in review.objects.iter().take(LISTED) {
        cells.push([
            one.name.clone(),
            word(one.what).to_owned(),
            details(one, ""),
            rows(one).to_owned(),
            below(one, ""),
        ]);
    }
    let width = |column: usize| {
        let widths =
            cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    for row in cells.iter().filter(|_| !review.objects.is_empty()) {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        let style = match row.get(1).map(String::as_str) {
            Some("removed" | "rebuilt") => red,
            Some("added") => green,
            Some("change") => bold,
            _ => Style::new(),
        };
        let _ = writeln!(text, "{style}{}{style:#}", line.trim_end());
    }
    if let Some(more) = review.objects.len().checked_sub(LISTED + 1) {
        let _ = writeln!(text, "  and {} more; --format json lists all", more + 1);
    }
    let migrations = migrations(review, "");
    if !migrations.is_empty() {
        let _ = writeln!(text, "\n{bold}Migrations{bold:#}\n");
        for line in migrations {
            let _ = writeln!(text, "  {line}");
        }
    }
    if let Some(rows) = &review.rows {
        let _ = writeln!(text, "\n{bold}Rows of the fixtures{bold:#}\n");
        for line in fixture_rows(rows).lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    let mut dialect = "";
    for file in &review.files {
        if file.dialect != dialect {
            dialect = &file.dialect;
            let only = if dialect == review.dialect { "" } else { ", where it differs otherwise" };
            let _ = writeln!(text, "\n{bold}SQL for {dialect}{only}{bold:#}\n");
        }
        for line in file.diff.lines() {
            let style = match line.as_bytes().first() {
                _ if line.starts_with("+++") || line.starts_with("---") => bold,
                Some(b'+') => green,
                Some(b'-') => red,
                _ => Style::new(),
            };
            let _ = writeln!(text, "{style}{}{style:#}", printable(line));
        }
    }
    if !review.alike.is_empty() {
        let _ = writeln!(text, "\nJust as {}: {}", review.dialect, review.alike.join(", "));
    }
    text
}

/// A text within a cell of a Markdown table.
fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|")
}

/// For a comment, after its beginning: what happens first, the SQL folded, whole files cut from the end where it would get
/// too long.
pub(super) fn markdown(review: &Review, base: &str, beginning: String) -> String {
    let mut text = beginning;
    if review.is_empty() {
        let _ = writeln!(text, "Compared with {}.", cell(base));
        return text;
    }
    if !review.objects.is_empty() {
        text.push_str(
            "| object | change | | rows | computed from it |\n| --- | --- | --- | --- | --- |\n",
        );
        for one in review.objects.iter().take(LISTED) {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                cell(&one.name),
                word(one.what),
                cell(&details(one, "`")),
                rows(one),
                cell(&below(one, "`"))
            );
        }
        if let Some(more) = review.objects.len().checked_sub(LISTED + 1) {
            let _ = writeln!(text, "\nAnd {} more.", more + 1);
        }
        text.push('\n');
    }
    let migrations = migrations(review, "`");
    if !migrations.is_empty() {
        text.push_str("**Migrations**\n\n");
        for (number, line) in migrations.iter().enumerate() {
            if number == LISTED {
                let _ = writeln!(text, "- and {} more", migrations.len() - number);
                break;
            }
            let _ = writeln!(text, "- {line}");
        }
        text.push('\n');
    }
    if let Some(rows) = &review.rows {
        let shown = fixture_rows(rows);
        // The SQL needs room, too. Bytes are never fewer than characters.
        let mut body = String::new();
        for line in shown.lines() {
            if body.len() + line.len() > ROWS {
                break;
            }
            body.push_str(line.trim_end());
            body.push('\n');
        }
        let is_cut = body.lines().count() < shown.lines().count();
        let more = if is_cut { "`idgraph diff --rows` shows all of them.\n\n" } else { "" };
        let fence = fence(&body);
        let _ = write!(text, "**Rows of the fixtures**\n\n{fence}text\n{body}{fence}\n\n{more}");
    }
    let end = end(review, base);
    let mut left = LONGEST.saturating_sub(text.len() + end.len() + 200);
    let mut parts: Vec<(&str, usize, String)> = Vec::new();
    let mut cut = 0;
    for file in &review.files {
        let part = fenced(file);
        let is_new = parts.last().is_none_or(|(dialect, ..)| *dialect != file.dialect);
        let needed = part.len() + if is_new { 200 } else { 0 };
        if cut > 0 || needed > left {
            cut += 1;
            continue;
        }
        left -= needed;
        match parts.last_mut() {
            Some((_, count, known)) if !is_new => {
                *count += 1;
                known.push_str(&part);
            }
            _ => parts.push((&file.dialect, 1, part)),
        }
    }
    for (dialect, count, part) in parts {
        let only = if dialect == review.dialect { "" } else { ", where it differs otherwise" };
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let _ = write!(
            text,
            "<details><summary>SQL for {}{only}: {files}</summary>\n\n{part}</details>\n\n",
            cell(dialect)
        );
    }
    if cut > 0 {
        let files = if cut == 1 { "1 file is".to_owned() } else { format!("{cut} files are") };
        let _ = write!(text, "{files} too long to be shown here; `idgraph diff` shows all.\n\n");
    }
    text + &end
}

fn end(review: &Review, base: &str) -> String {
    let mut text = String::new();
    if !review.alike.is_empty() {
        let _ = write!(text, "Just as {}: {}. ", review.dialect, review.alike.join(", "));
    }
    let _ = writeln!(text, "Compared with {}.", cell(base));
    text
}

/// A file's diff between fences that nothing in it ends.
fn fenced(file: &FileDiff) -> String {
    let fence = fence(&file.diff);
    let end = if file.diff.ends_with('\n') { "" } else { "\n" };
    format!("{fence}diff\n{}{end}{fence}\n\n", file.diff)
}

/// A fence that nothing in a text ends.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// What happens, each thing at the line that asks for it.
pub(super) fn found(review: &Review, project: &Project) -> Vec<Diagnostic> {
    let file = Place { source: project.source.clone(), span: project.source.line(1) };
    let object = |one: &ObjectDiff| {
        let mut message = format!("{} is {}", one.name, word(one.what));
        let details = details(one, "");
        if !details.is_empty() {
            let _ = write!(message, ": {details}");
        }
        let place = one.at.as_ref().map_or(&file, |at| at.place());
        let mut diagnostic = Diagnostic::information("changed", message).at(place, "");
        if one.rows_can_change && !one.only_gains_columns() {
            diagnostic = diagnostic.note("rows that are there already can change");
        }
        if !one.downstream.is_empty() {
            diagnostic = diagnostic.note(format!("computed from it: {}", below(one, "")));
        }
        diagnostic
    };
    let mut all: Vec<Diagnostic> =
        review.objects.iter().filter(|one| one.what != What::Text).map(object).collect();
    for one in review.migrations.iter().filter(|one| !one.destructive.is_empty()) {
        let message = format!("{} takes away {}", one.file, one.destructive.join(", "));
        all.push(Diagnostic::warning("destructive", message).at(&file, ""));
    }
    if review.migration_wanted {
        all.push(
            Diagnostic::warning("migration-wanted", "the project changes without a migration")
                .at(&file, "")
                .help("write it with `idgraph migrate new`"),
        );
    }
    all
}

pub(super) fn github(review: &Review, project: &Project) -> String {
    annotations::github(&found(review, project))
}

pub(super) fn gitlab(review: &Review, project: &Project) -> Result<String> {
    annotations::gitlab(&found(review, project))
}
