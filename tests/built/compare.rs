//! Tables side by side: which rows differ, and which landed rows led there.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Built;
use crate::model::{Landed, Row, Tables, Value, tables};

/// Lands rows, builds, and compares every table with the reference model.
pub fn with_model(built: &mut Built, landed: &Landed) -> Result<(), String> {
    let got = built.build(landed);
    let expected = tables(landed, &built.settings());
    same(built.name(), &expected, &got, landed)
}

/// Compares all tables; the message shows the rows that differ and what had landed.
pub fn same(what: &str, expected: &Tables, got: &Tables, landed: &Landed) -> Result<(), String> {
    let mut message = String::new();
    for (table, expected) in expected {
        let Some(got) = got.get(table) else { continue };
        if let Some(differing) = difference(table, expected, got) {
            let _ = write!(message, "{what}: {table} differs\n{differing}");
        }
    }
    if message.is_empty() {
        return Ok(());
    }
    Err(format!("{message}landed:\n{landed}"))
}

/// The rows of one table that differ: `-` is missing, `+` is too much. `None` when there is no such row.
pub fn difference(table: &str, expected: &[Row], got: &[Row]) -> Option<String> {
    let counts = counts(table, expected, got);
    if counts.is_empty() {
        return None;
    }
    let mut message = String::new();
    for (row, count) in counts.iter().take(40) {
        let sign = if *count > 0 { "- expected" } else { "+ got     " };
        let times =
            if count.abs() > 1 { format!(" ({} times)", count.abs()) } else { String::new() };
        let _ = writeln!(message, "  {sign} {row}{times}");
    }
    if counts.len() > 40 {
        let _ = writeln!(message, "  … and {} rows more", counts.len() - 40);
    }
    Some(message)
}

/// How many rows of one table are missing, and how many are too much.
pub fn missing(table: &str, expected: &[Row], got: &[Row]) -> (u64, u64) {
    let counts = counts(table, expected, got);
    let sum = |sign: i64| counts.values().map(|count| (sign * count).max(0).unsigned_abs()).sum();
    (sum(1), sum(-1))
}

/// The rows that differ: how many times each is missing, less than zero if it is too much.
fn counts(table: &str, expected: &[Row], got: &[Row]) -> BTreeMap<Row, i64> {
    let mut counts: BTreeMap<Row, i64> = BTreeMap::new();
    for row in expected {
        *counts.entry(comparable(table, row)).or_default() += 1;
    }
    for row in got {
        *counts.entry(comparable(table, row)).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    counts
}

fn moment(text: &str) -> &str {
    let Some(moment) = text.strip_suffix("+00") else { return text };
    match moment.contains('.') {
        true => moment.trim_end_matches('0').trim_end_matches('.'),
        false => moment,
    }
}

/// A row without its NULLs, which are the same as no value.
///
/// The definition says of `user_traits.value` that it is text, not which: `2.5e0` and `2.5` are one number, and the
/// same moment with and without `+00` and a fraction of nought one moment.
fn comparable(table: &str, row: &Row) -> Row {
    let mut row = row.clone();
    if table == "user_traits"
        && let Some(text) = row.text("value")
    {
        let value = match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::Text(moment(text).to_owned()),
        };
        row = row.with("value", value);
    }
    row.0.retain(|_, value| !value.is_null());
    row
}
