//! What came of fixtures, for people and for programs.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::output::{self, printable};
use super::test::is_fine;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Cell, Rows};
use crate::fixture::{Batched, Difference, Fixture, TableReport, shown};

/// Nobody reads more differences of one table than these.
const SHOWN: usize = 20;

/// A fixture and what came of it.
pub(super) type Played = (Fixture, Vec<Batched>);

/// A line, and a table for each table that differs.
pub(super) fn text(fixture: &Fixture, done: &[Batched]) -> String {
    let mark = if is_fine(done) { "ok  " } else { "FAIL" };
    let about = fixture.about.as_deref().unwrap_or_default();
    let name = fixture.path.display().to_string();
    let mut text =
        format!("{mark}  {}  {}", printable(&name), printable(about)).trim_end().to_owned();
    text.push('\n');
    for (number, batch) in done.iter().enumerate() {
        for report in batch.tables.iter().filter(|report| !report.is_fine()) {
            let _ = write!(text, "\n  {}\n", title(number + 1, report));
            for line in table(fixture, report).lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    if !is_fine(done) {
        text.push('\n');
    }
    text
}

/// `batch 2, id_graph: 1 row differs, 1 is missing`
fn title(batch: usize, report: &TableReport) -> String {
    let count =
        |is: fn(&Difference) -> bool| report.differences.iter().filter(|one| is(one)).count();
    let counts = [
        (count(|one| matches!(one, Difference::Changed(..))), "differ"),
        (count(|one| matches!(one, Difference::Missing(_))), "missing"),
        (count(|one| matches!(one, Difference::Extra(_))), "not expected"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| match what {
            "differ" if count == 1 => "1 row differs".to_owned(),
            "differ" => format!("{count} rows differ"),
            what => format!("{count} {}{what}", if count == 1 { "row " } else { "rows " }),
        })
        .collect();
    format!("batch {batch}, {}: {}", report.expected.name, parts.join(", "))
}

/// The rows that differ, cell by cell.
fn table(fixture: &Fixture, report: &TableReport) -> String {
    let columns: Vec<&String> = report
        .rows
        .columns
        .iter()
        .filter(|name| report.columns.contains(name) || report.key.contains(&name.as_str()))
        .collect();
    let blank = || String::new();
    let mut rows = Vec::new();
    let mut push = |line: String, what: &str, cells: Vec<String>| {
        let cells = [line, what.to_owned()].into_iter().chain(cells);
        rows.push(cells.map(Cell::Text).collect());
    };
    for difference in report.differences.iter().take(SHOWN) {
        let expected = |row: usize| -> Vec<String> {
            let row = report.expected.rows.get(row);
            let cell = |name: &&String| row.and_then(|row| row.get(name)).map_or_else(blank, shown);
            columns.iter().map(cell).collect()
        };
        let line = |row: usize| {
            let row = report.expected.rows.get(row);
            row.map_or_else(blank, |row| fixture.line(&row.span).to_string())
        };
        match difference {
            Difference::Changed(wanted, found) => {
                push(line(*wanted), "expected", expected(*wanted));
                let row = report.expected.rows.get(*wanted);
                let got = columns.iter().map(|name| {
                    let got = report.value(*found, name);
                    match row.and_then(|row| row.get(name)) {
                        Some(wanted) if Some(wanted) != got => got.map_or_else(blank, shown),
                        None if report.key.contains(&name.as_str()) => {
                            got.map_or_else(blank, shown)
                        }
                        _ => blank(),
                    }
                });
                push(blank(), "got", got.collect());
            }
            Difference::Missing(wanted) => push(line(*wanted), "missing", expected(*wanted)),
            Difference::Extra(found) => {
                let got =
                    columns.iter().map(|name| report.value(*found, name).map_or_else(blank, shown));
                // Where it could be written.
                push(fixture.line(&report.expected.key).to_string(), "not expected", got.collect());
            }
        }
    }
    let names = ["line", "row"].into_iter().map(str::to_owned);
    let columns = names.chain(columns.into_iter().cloned()).collect();
    let mut text = output::table(&Rows { columns, rows, more: false });
    if let Some(more) = report.differences.len().checked_sub(SHOWN + 1) {
        let _ = writeln!(text, "… and {} more; --format json lists all", more + 1);
    }
    text
}

/// Each table that differs, at its name in the fixture.
pub(super) fn found(fixture: &Fixture, done: &[Batched]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (number, batch) in done.iter().enumerate() {
        for report in batch.tables.iter().filter(|report| !report.is_fine()) {
            let one = Diagnostic::error("fixture", title(number + 1, report))
                .at(&fixture.place(&report.expected.key), "");
            found.push(one.help(
                "`idgraph test` shows the rows; where they are right, `--update` writes them",
            ));
        }
    }
    found
}

/// `3 fixtures, 1 differs`
pub(super) fn summary(all: usize, differ: usize) -> String {
    let fixtures = if all == 1 { "1 fixture".to_owned() } else { format!("{all} fixtures") };
    match differ {
        0 => format!("{fixtures}, all as expected"),
        1 => format!("{fixtures}, 1 is not as expected"),
        _ => format!("{fixtures}, {differ} are not as expected"),
    }
}

/// One object for all fixtures.
pub(super) fn json(all: &[Played]) -> Result<String> {
    let fixtures: Vec<Value> = all
        .iter()
        .map(|(fixture, done)| {
            let batches: Vec<Value> = done
                .iter()
                .enumerate()
                .map(|(number, batch)| {
                    let tables: Vec<Value> =
                        batch.tables.iter().map(|report| json_table(fixture, report)).collect();
                    json!({ "batch": number + 1, "tables": tables })
                })
                .collect();
            json!({
                "file": fixture.path.display().to_string(),
                "about": fixture.about,
                "fine": is_fine(done),
                "batches": batches,
            })
        })
        .collect();
    let fine = all.iter().all(|(_, done)| is_fine(done));
    output::pretty(&json!({ "fine": fine, "fixtures": fixtures }))
}

fn json_table(fixture: &Fixture, report: &TableReport) -> Value {
    let expected = |row: usize| -> Value {
        let row = report.expected.rows.get(row);
        let cells = row.map(|row| row.cells.as_slice()).unwrap_or_default();
        cells
            .iter()
            .map(|cell| (cell.column.clone(), cell.value.json()))
            .collect::<Map<_, _>>()
            .into()
    };
    let got = |row: usize| -> Value {
        let cells = report.rows.columns.iter();
        let cells = cells.filter_map(|name| Some((name.clone(), report.value(row, name)?.json())));
        cells.collect::<Map<_, _>>().into()
    };
    let line = |row: usize| report.expected.rows.get(row).map(|row| fixture.line(&row.span));
    let difference = |one: &Difference| match *one {
        Difference::Changed(wanted, found) => json!({
            "kind": "changed", "line": line(wanted), "expected": expected(wanted), "got": got(found),
        }),
        Difference::Missing(wanted) => json!({
            "kind": "missing", "line": line(wanted), "expected": expected(wanted),
        }),
        Difference::Extra(found) => json!({ "kind": "not-expected", "got": got(found) }),
    };
    json!({
        "table": report.expected.name,
        "line": fixture.line(&report.expected.key),
        "fine": report.is_fine(),
        "expected": report.expected.rows.len(),
        "got": report.rows.rows.len(),
        "differences": report.differences.iter().map(difference).collect::<Vec<_>>(),
    })
}

/// A test case for each table of each batch, as CI servers read them.
pub(super) fn junit(all: &[Played]) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"idgraph\">\n");
    for (fixture, done) in all {
        let reports = || done.iter().flat_map(|batch| &batch.tables);
        let name = escaped(&fixture.path.display().to_string());
        let failures = reports().filter(|report| !report.is_fine()).count();
        let tests = reports().count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">"
        );
        for (number, batch) in done.iter().enumerate() {
            for report in &batch.tables {
                let case = escaped(&format!("batch {}: {}", number + 1, report.expected.name));
                let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{case}\"");
                if report.is_fine() {
                    text.push_str("/>\n");
                    continue;
                }
                let message = escaped(&title(number + 1, report));
                let table = escaped(&table(fixture, report));
                let _ = write!(
                    text,
                    ">\n      <failure message=\"{message}\">{table}</failure>\n    </testcase>\n"
                );
            }
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// Text within XML. Control characters were made visible before.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = text.replace('"', "&quot;");
    text.chars().filter(|char| matches!(char, '\n') || !char.is_control()).collect()
}
