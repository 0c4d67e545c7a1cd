//! What a change does, for a comment on a pull request.

use std::fmt::Write;

use super::{LISTED, below, details, fixture_rows, headline, migrations, rows, word};
use crate::cli::markdown::{code, fence, in_cell};
use crate::cli::output::printable;
use crate::review::{FileDiff, Review};

/// The longest comment that GitHub takes, in characters; bytes are never fewer.
const LONGEST: usize = 65_536;

/// The most bytes of a comment that rows of fixtures take.
const ROWS: usize = 15_000;

/// A text within a cell of a Markdown table.
fn cell(text: &str) -> String {
    in_cell(&printable(text))
}

/// For a comment: what happens first, the SQL folded, whole files cut from the end where it would get too long.
pub(in crate::cli) fn markdown(review: &Review, base: &str) -> String {
    let mut text = format!("### idgraph: {}\n\n", headline(review));
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
    let migrations = migrations::lines(review, &code);
    if !migrations.is_empty() {
        text.push_str("**Migrations**\n\n");
        for (number, line) in migrations.iter().enumerate() {
            if number == LISTED {
                let _ = writeln!(text, "- and {} more", migrations.len() - number);
                break;
            }
            let _ = writeln!(text, "{}- {}", "  ".repeat(line.depth), line.text);
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
