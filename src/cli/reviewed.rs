//! What a change of the project does, for people and for programs.

mod found;
mod markdown;
mod migrations;
mod text;

use std::fmt::Write;

pub(super) use found::{github, gitlab};
pub(super) use markdown::markdown;
pub(super) use text::text;

use super::output::{printable, table};
use crate::engine::{Cell, Rows};
use crate::review::{ColumnChange, ObjectDiff, Review, TableRows, What};

/// The most objects that are listed for people; beyond, they are counted.
const LISTED: usize = 40;

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
