//! Which rows of which model come out otherwise.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::Cell;
use crate::fixture::{Outcome, shown};

/// The rows of one model that differ after one batch of a fixture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableRows {
    /// The fixture's file.
    pub fixture: String,
    /// The batch, counted from 1.
    pub batch: usize,
    /// The model.
    pub table: String,
    /// The columns shown: those of the key, and those in which a row differs.
    pub columns: Vec<String>,
    /// `changed`, `new` or `gone`, and a text for each column: `free → pro` where the value changed.
    pub rows: Vec<(&'static str, Vec<String>)>,
}

/// Compares what came of a batch in two versions. A model that only one of them has is not compared.
pub fn differences(
    fixture: &str,
    batch: usize,
    old: &[Outcome],
    new: &[Outcome],
) -> Vec<TableRows> {
    let mut all = Vec::new();
    for (model, after) in new {
        let Some((_, before)) = old.iter().find(|(one, _)| one.name == model.name) else {
            continue;
        };
        let by_key = |(columns, rows): (&[String], &[Vec<Cell>])| {
            let row = |row: &Vec<Cell>| -> BTreeMap<String, Cell> {
                columns.iter().cloned().zip(row.iter().cloned()).collect()
            };
            let mut all: BTreeMap<Vec<String>, BTreeMap<String, Cell>> = BTreeMap::new();
            for row in rows.iter().map(row) {
                let key =
                    model.key.iter().map(|name| row.get(*name).map_or_else(String::new, shown));
                all.insert(key.collect(), row);
            }
            all
        };
        let was = by_key((&before.columns, &before.rows));
        let now = by_key((&after.columns, &after.rows));
        // A column that is not there is as good as NULL.
        let cell = |row: Option<&BTreeMap<String, Cell>>, name: &str| {
            row.and_then(|row| row.get(name)).cloned().unwrap_or(Cell::Null)
        };
        let mut names: Vec<&String> = after.columns.iter().collect();
        names.extend(before.columns.iter().filter(|name| !after.columns.contains(name)));
        let mut keys: Vec<&Vec<String>> = was.keys().chain(now.keys()).collect();
        keys.sort();
        keys.dedup();
        let differs =
            |key: &Vec<String>, name: &str| cell(was.get(key), name) != cell(now.get(key), name);
        keys.retain(|key| {
            was.contains_key(*key) != now.contains_key(*key)
                || names.iter().any(|name| differs(key, name))
        });
        if keys.is_empty() {
            continue;
        }
        let is_shown = |name: &&&String| {
            model.key.contains(&name.as_str()) || keys.iter().any(|key| differs(key, name))
        };
        let columns: Vec<String> =
            names.iter().filter(is_shown).map(|name| (*name).clone()).collect();
        let rows = keys.iter().map(|key| {
            let (before, after) = (was.get(*key), now.get(*key));
            let cells = columns.iter().map(|name| {
                let (old, new) = (cell(before, name), cell(after, name));
                match (before, after) {
                    (Some(_), Some(_)) if old != new => {
                        format!("{} → {}", shown(&old), shown(&new))
                    }
                    (Some(_), None) => shown(&old),
                    _ => shown(&new),
                }
            });
            let what = match (before, after) {
                (None, _) => "new",
                (_, None) => "gone",
                _ => "changed",
            };
            (what, cells.collect())
        });
        let (fixture, table) = (fixture.to_owned(), model.name.clone());
        all.push(TableRows { fixture, batch, table, rows: rows.collect(), columns });
    }
    all
}
