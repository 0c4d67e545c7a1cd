//! Data to stdout, progress and messages to stderr.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use unicode_width::UnicodeWidthStr;

use super::Verdict;
use crate::diagnostic::{Diagnostic, Result};
use crate::emit::Difference;
use crate::engine::{Cell, Rows};
use crate::project::words::many;
use crate::visible;

/// How rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns
    #[default]
    Table,
    /// Comma-separated values with a header; NULL is empty, empty text is ""
    Csv,
    /// An array of objects
    Json,
}

/// Prints text as it is, to the byte: it is data, and may hold what looks like a colour.
pub fn text(text: &str) -> Result<()> {
    write(io::stdout().lock(), text)
}

/// Prints text of ours with its colours, which go away where nobody sees them.
pub fn styled(text: &str) -> Result<()> {
    write(anstream::stdout().lock(), text)
}

fn write(mut stdout: impl Write, text: &str) -> Result<()> {
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        // `idgraph … | head` is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Diagnostic::error("unwritable", format!("cannot write to stdout: {error}"))
                .help("check the disk's free room, or where the output goes")
                .into())
        }
    }
}

/// Prints text and a line end.
pub fn line(line: &str) -> Result<()> {
    text(&format!("{line}\n"))
}

/// A value as JSON for people and programs.
pub fn pretty(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| escaped_json(&text) + "\n")
        .map_err(|error| Diagnostic::error("unwritable", error.to_string()).into())
}

/// JSON of the same meaning in which nothing steers a terminal: such characters stand in texts alone.
fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        match char {
            // What is between values.
            '\n' => escaped.push(char),
            char if visible::steers(char) => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => escaped.push(char),
        }
    }
    escaped
}

/// How long something takes, roughly.
pub fn about(seconds: f64) -> String {
    match seconds {
        less if less < 1.0 => "under a second".to_owned(),
        few if few < 90.0 => format!("about {few:.0} s"),
        more if more < 90.0 * 60.0 => format!("about {:.0} min", more / 60.0),
        most => format!("about {:.0} h", most / 3600.0),
    }
}

/// Whether a line of progress stands at the end of the terminal.
static IS_PASSING: AtomicBool = AtomicBool::new(false);

/// Says something to the person at the terminal. Nobody there to hear it is no error.
pub fn message(message: std::fmt::Arguments<'_>) {
    let mut stderr = anstream::stderr().lock();
    if IS_PASSING.swap(false, Ordering::Relaxed) {
        let _ = write!(stderr, "\r\u{1b}[2K");
    }
    let _ = writeln!(stderr, "{message}");
}

/// Says on a terminal what is going on, in a line that the next one takes the place of.
pub fn passing(message: std::fmt::Arguments<'_>) {
    if !io::stderr().is_terminal() {
        return;
    }
    // A longer one would go on in a second line, which stays.
    let line: String = message.to_string().chars().take(76).collect();
    let mut stderr = anstream::stderr().lock();
    let shown = write!(stderr, "\r\u{1b}[2K{line} …");
    if shown.and_then(|()| stderr.flush()).is_ok() {
        IS_PASSING.store(true, Ordering::Relaxed);
    }
}

/// Says something and stays on its line, for an answer behind it.
pub fn prompt(message: std::fmt::Arguments<'_>) {
    let mut stderr = anstream::stderr().lock();
    let _ = write!(stderr, "{message}").and_then(|()| stderr.flush());
}

/// Lists what of a folder is not as it should be, and says which command mends it.
pub(super) fn check(
    folder: &Path,
    count: usize,
    changes: &[(PathBuf, Difference)],
    command: &str,
) -> Result<Verdict> {
    for (path, difference) in changes {
        let path = folder.join(path).display().to_string();
        line(&format!("{:<8}  {}", difference.word(), printable(&path)))?;
    }
    if changes.is_empty() {
        let (files, are) = match count {
            1 => ("1 file".to_owned(), "is as it"),
            _ => (many(count, "file"), "are as they"),
        };
        message(format_args!("{files} in {} {are} should be", folder.display()));
        return Ok(Verdict::Fine);
    }
    message(format_args!("run `{command}` and commit what it writes"));
    Ok(Verdict::Found)
}

/// Says what was done to a folder that should have so many files.
pub(super) fn wrote(folder: &Path, count: usize, changes: &[(PathBuf, Difference)]) {
    let count_of = |kind: Difference| changes.iter().filter(|(_, what)| *what == kind).count();
    let (removed, edited) = (count_of(Difference::Leftover), count_of(Difference::Edited));
    let written = changes.len() - removed - edited;
    message(format_args!(
        "{}: {} written, {removed} removed, {} unchanged",
        folder.display(),
        many(written, "file"),
        count - written
    ));
    for (path, _) in changes.iter().filter(|(_, what)| *what == Difference::Edited) {
        message(format_args!(
            "{} stays: it says that idgraph rendered it, but was edited or copied; take its first lines out, or remove it",
            printable(&folder.join(path).display().to_string())
        ));
    }
}

/// Rows in the format asked for.
pub fn rows(rows: &Rows, format: Format, is_for_spreadsheets: bool) -> Result<String> {
    match format {
        Format::Table => Ok(table(rows)),
        Format::Csv => csv(rows, is_for_spreadsheets),
        Format::Json => json(rows),
    }
}

/// Columns aligned, numbers to the right, NULL as the word.
pub fn table(rows: &Rows) -> String {
    let shown: Vec<Vec<String>> =
        rows.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let names: Vec<String> = rows.columns.iter().map(|name| printable(name)).collect();
    let widths: Vec<usize> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let cells = shown.iter().filter_map(|row| row.get(index)).map(|cell| cell.width());
            cells.chain([name.width()]).max().unwrap_or(0)
        })
        .collect();
    let is_number = |index: usize| {
        let mut cells = rows.rows.iter().filter_map(|row| row.get(index)).peekable();
        let number = |cell: &Cell| matches!(cell, Cell::Integer(_) | Cell::Float(_) | Cell::Null);
        cells.clone().any(|cell| !matches!(cell, Cell::Null)) && cells.all(number)
    };
    let write = |cells: &[String]| {
        let mut line = String::new();
        for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            let (before, behind) =
                if is_number(index) { (padding.as_str(), "") } else { ("", padding.as_str()) };
            line.push_str(if index == 0 { "" } else { "  " });
            line.push_str(before);
            line.push_str(cell);
            line.push_str(behind);
        }
        format!("{}\n", line.trim_end())
    };
    let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    let mut text = write(&names) + &write(&rules);
    for row in &shown {
        text.push_str(&write(row));
    }
    text
}

fn shown(cell: &Cell) -> String {
    cell.text().map_or_else(|| "NULL".to_owned(), |text| printable(&text))
}

/// Control characters as escapes: a value must not steer the terminal, break a line or turn its direction.
pub fn printable(text: &str) -> String {
    visible::line(text).into_owned()
}

/// For programs, every value as it is. For people, what would steer a terminal is escaped, and a text that a spreadsheet would
/// run as a formula has `'` before it, which makes it a text there.
fn csv(rows: &Rows, is_for_spreadsheets: bool) -> Result<String> {
    let is_seen = is_for_spreadsheets || io::stdout().is_terminal();
    let is_formula = |text: &str| {
        text.trim_start_matches(' ').starts_with(|char: char| {
            matches!(char, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
        })
    };
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) if is_seen => {
            let sign = if is_for_spreadsheets && is_formula(text) { "'" } else { "" };
            Some(format!("{sign}{}", visible::lines(text)))
        }
        other => other.text(),
    };
    let failed = |error: String| Diagnostic::error("unwritable", error);
    let mut text = String::new();
    let mut write = |cells: Vec<Option<String>>| -> Result<()> {
        let fields: Vec<String> = cells
            .into_iter()
            .map(|cell| match cell {
                None => String::new(),
                Some(text) if text.is_empty() || text.contains([',', '"', '\n', '\r']) => {
                    format!("\"{}\"", text.replace('"', "\"\""))
                }
                Some(text) => text,
            })
            .collect();
        std::fmt::Write::write_fmt(&mut text, format_args!("{}\n", fields.join(",")))
            .map_err(|error| failed(error.to_string()).into())
    };
    write(rows.columns.iter().map(|name| cell(&Cell::Text(name.clone()))).collect())?;
    for row in &rows.rows {
        write(row.iter().map(cell).collect())?;
    }
    Ok(text)
}

fn json(rows: &Rows) -> Result<String> {
    pretty(&objects(rows))
}

/// An object for each row.
pub fn objects(rows: &Rows) -> Vec<serde_json::Value> {
    let object = |row: &Vec<Cell>| -> serde_json::Map<String, serde_json::Value> {
        rows.columns.iter().cloned().zip(row.iter().map(Cell::json)).collect()
    };
    rows.rows.iter().map(|row| object(row).into()).collect()
}
