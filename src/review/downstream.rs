//! Which columns are computed from those that differ.

use std::collections::{BTreeSet, HashMap};

use super::objects::{ObjectDiff, What};
use super::side::Side;
use crate::lineage::Lineage;

/// Notes of each object which columns of others are computed from what differs in it, by the SQL.
pub(super) fn downstream(old: Option<&Side>, new: &Side, all: &mut [ObjectDiff]) {
    if !all.iter().any(matters) {
        return;
    }
    let lineage = |side: &Side| {
        let rendered = side.dialects.first()?;
        Some(Lineage::of(&side.warehouse, &rendered.dialect, &side.recorded.files))
    };
    let (Some(after), before) = (lineage(new), old.and_then(lineage)) else { return };
    let (after, before) = (readers(&after), before.as_ref().map(readers).unwrap_or_default());
    for object in all.iter_mut().filter(|one| matters(one)) {
        let is_whole = matches!(object.what, What::Rebuilt | What::Removed);
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut add = |map: &Readers, column: Option<&str>| {
            found.extend(reached(map, &object.name, column));
        };
        if is_whole {
            add(&after, None);
            add(&before, None);
        }
        for column in &object.columns {
            add(&after, Some(column.name()));
            add(&before, Some(column.name()));
        }
        // What differs itself is listed itself.
        object.downstream = found.into_iter().collect();
    }
}

/// Whether anything can be computed from what differs.
fn matters(one: &ObjectDiff) -> bool {
    !matches!(one.what, What::Text | What::Added | What::Rows)
        && (one.what != What::Changed || !one.columns.is_empty())
}

/// For each table and column, the columns that are computed from it.
type Readers = HashMap<(String, String), Vec<(String, String)>>;

fn readers(lineage: &Lineage) -> Readers {
    let mut readers = Readers::new();
    for table in &lineage.tables {
        for column in &table.columns {
            for from in column.from.iter().flatten() {
                let from = (from.table.clone(), from.column.clone());
                readers.entry(from).or_default().push((table.name.clone(), column.name.clone()));
            }
        }
    }
    readers
}

fn reached(readers: &Readers, table: &str, column: Option<&str>) -> BTreeSet<String> {
    let mut open: Vec<(String, String)> = match column {
        Some(column) => vec![(table.to_owned(), column.to_owned())],
        None => readers.keys().filter(|(name, _)| name == table).cloned().collect(),
    };
    let mut known: BTreeSet<(String, String)> = open.iter().cloned().collect();
    let mut found = BTreeSet::new();
    while let Some(one) = open.pop() {
        for reader in readers.get(&one).into_iter().flatten() {
            if known.insert(reader.clone()) {
                open.push(reader.clone());
                if reader.0 != table {
                    let bare = reader.0.rsplit('.').next().unwrap_or_default();
                    found.insert(format!("{bare}.{}", reader.1));
                }
            }
        }
    }
    found
}
