//! Leaves out of two versions the event tables that are the same in both: thousands of them would be rendered to be found
//! equal.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::project::{Model, Project};
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// The warehouses of two versions, each without the event tables that are rendered alike for both.
pub(super) fn without_equal(old: &Project, new: &Project) -> (Warehouse, Warehouse) {
    let (mut was, mut now) = (Warehouse::of(old), Warehouse::of(new));
    if !alike(old, new, &was, &now) {
        return (was, now);
    }
    let known: HashMap<&str, &LandedTable> =
        was.landed.iter().map(|table| (table.name.as_str(), table)).collect();
    // Those that every project has stay, so that files are the same ones.
    let events = now.landed.iter().filter(|table| table.place.is_some());
    let is_same = |table: &&LandedTable| {
        known.get(table.name.as_str()).is_some_and(|before| {
            before.place.is_some()
                && before.comment == table.comment
                && same(&before.columns, &table.columns)
        })
    };
    let equal: HashSet<String> = events.filter(is_same).map(|table| table.name.clone()).collect();
    for warehouse in [&mut was, &mut now] {
        warehouse.landed.retain(|table| !equal.contains(&table.name));
        warehouse
            .models
            .retain(|model| model.reads.as_ref().is_none_or(|name| !equal.contains(name)));
    }
    (was, now)
}

/// Whether what is the same in both versions is rendered alike.
fn alike(old: &Project, new: &Project, was: &Warehouse, now: &Warehouse) -> bool {
    let dialects = |project: &Project| -> Vec<String> {
        project.dialects.iter().map(|dialect| dialect.value.clone()).collect()
    };
    let resolved = |project: &Project| {
        let choice = project.models.iter().find(|choice| choice.model == Model::ResolvedEvents);
        choice.map(|choice| (choice.materialized, choice.name.clone()))
    };
    was.space == now.space
        && old.landed == new.landed
        && was.models_schema == now.models_schema
        && was.traits_from == now.traits_from
        && was.null_means == now.null_means
        && was.removals == now.removals
        && was.load_time == now.load_time
        && was.lookback == now.lookback
        && was.watermarks.is_some() == now.watermarks.is_some()
        && dialects(old) == dialects(new)
        && resolved(old) == resolved(new)
        && old.path.file_name() == new.path.file_name()
        && matches!((own(old.folder()), own(new.folder())), (Ok(one), Ok(other)) if one == other)
}

fn same(one: &[TableColumn], other: &[TableColumn]) -> bool {
    // Where they are written does not matter.
    let parts =
        |column: &TableColumn| (column.name.clone(), column.logical_type, column.comment.clone());
    one.len() == other.len() && one.iter().map(parts).eq(other.iter().map(parts))
}

/// The dialects and templates that a project brings along.
fn own(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut open = vec![PathBuf::from("dialects"), PathBuf::from("templates")];
    while let Some(below) = open.pop() {
        let path = folder.join(&below);
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
            // It may lead back to where it stands; what cannot be compared differs.
            return Err(io::ErrorKind::Unsupported.into());
        }
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(below.join(entry?.file_name()));
            }
        } else if path.is_file() {
            all.insert(below, files::bytes(&path)?);
        }
    }
    Ok(all)
}
