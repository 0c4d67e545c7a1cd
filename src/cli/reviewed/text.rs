//! What a change does, for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{LISTED, below, details, fixture_rows, migrations, rows, word};
use crate::cli::output::printable;
use crate::review::Review;

/// For a terminal.
pub(in crate::cli) fn text(review: &Review, base: &str) -> String {
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
    let migrations = migrations::lines(review, &str::to_owned);
    if !migrations.is_empty() {
        let _ = writeln!(text, "\n{bold}Migrations{bold:#}\n");
        for line in migrations {
            let _ = writeln!(text, "  {}{}", "  ".repeat(line.depth), line.text);
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
