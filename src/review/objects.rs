//! The objects that differ, by meaning.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::Spot;
use super::downstream::downstream;
use super::side::Side;
use crate::migrate::{Kind, Object, ObjectChange, difference, same_code};
use crate::project::Materialization;
use crate::render::{File, Subject, Unit};

/// What happens to an object, the gravest thing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is no more.
    Removed,
    /// Its rows mean something else, or it is kept in another way: it is built anew.
    Rebuilt,
    /// Its columns or its SQL differ.
    Changed,
    /// It was not there.
    Added,
    /// It stays as it is, and reads what has other rows.
    Rows,
    /// Comments, order and white space alone differ.
    Text,
}

/// An object that differs.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectDiff {
    /// Its schema and name.
    pub name: String,
    /// `landed`, `model` or `state`.
    pub kind: &'static str,
    /// What happens to it.
    pub what: What,
    /// What happens to its columns.
    pub columns: Vec<ColumnChange>,
    /// Why, in a few words each.
    pub reasons: Vec<String>,
    /// Whether rows of it that are there already can come out otherwise; of a landed table never, it is Segment's.
    pub rows_can_change: bool,
    /// The columns of other tables that are computed from those that differ, `table.column`.
    pub downstream: Vec<String>,
    /// Where the project asks for it.
    pub at: Option<Spot>,
}

/// What happens to a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ColumnChange {
    /// It was not there.
    Added {
        /// Its name.
        name: String,
        /// Its type in the first dialect.
        r#type: String,
    },
    /// It is no more.
    Dropped {
        /// Its name.
        name: String,
    },
    /// It has another name.
    Renamed {
        /// The name before.
        from: String,
        /// The name now.
        name: String,
    },
    /// It has another type.
    Retyped {
        /// Its name.
        name: String,
        /// The type before.
        from: String,
        /// The type now.
        r#type: String,
    },
}

impl ObjectDiff {
    /// Whether its rows have new columns and are else as they were.
    pub fn only_gains_columns(&self) -> bool {
        let is_new = |change: &ColumnChange| matches!(change, ColumnChange::Added { .. });
        self.what == What::Changed
            && !self.columns.is_empty()
            && self.columns.iter().all(is_new)
            && self.reasons.iter().all(|reason| reason == DESCRIBED)
    }
}

/// Why an object counts as changed whose columns and rows do not.
const DESCRIBED: &str = "other descriptions";

impl ColumnChange {
    /// The column's name now, or before it was dropped.
    pub fn name(&self) -> &str {
        match self {
            Self::Added { name, .. }
            | Self::Dropped { name }
            | Self::Renamed { name, .. }
            | Self::Retyped { name, .. } => name,
        }
    }
}

pub(super) fn diff(old: Option<&Side>, new: &Side) -> Vec<ObjectDiff> {
    let now = &new.recorded.schema;
    let none = now.emptied();
    let was = old.map_or(&none, |old| &old.recorded.schema);
    let changes = difference(was, now, &new.renames);
    let mut all: Vec<ObjectDiff> =
        changes.iter().filter_map(|change| of(change, was, now, new)).collect();
    // The SQL of such a table differs by what the table is given in place.
    let is_refreshed = |change: &&ObjectChange<'_>| {
        change.refreshed.is_some() && !change.has_new_meaning && !change.has_columns()
    };
    let refreshed: HashSet<String> = changes
        .iter()
        .filter(is_refreshed)
        .filter_map(ObjectChange::object)
        .map(|object| format!("{}.{}", now.schema_of(object), object.name))
        .collect();
    if let Some(old) = old {
        code(old, new, &refreshed, &mut all);
    }
    rows(new, &mut all);
    // As they are built; what is no more comes last.
    let order: HashMap<String, usize> = now
        .objects
        .iter()
        .enumerate()
        .map(|(number, object)| (format!("{}.{}", now.schema_of(object), object.name), number))
        .collect();
    all.sort_by_key(|one| order.get(&one.name).copied().unwrap_or(usize::MAX));
    downstream(old, new, &mut all);
    all
}

/// A difference of the record.
fn of(
    change: &ObjectChange<'_>,
    was: &crate::migrate::Schema,
    now: &crate::migrate::Schema,
    new: &Side,
) -> Option<ObjectDiff> {
    let object = change.object()?;
    let schema = if change.new.is_some() { now.schema_of(object) } else { was.schema_of(object) };
    let mut columns = Vec::new();
    let mut reasons = Vec::new();
    for (before, after) in &change.renamed {
        columns.push(ColumnChange::Renamed { from: before.name.clone(), name: after.name.clone() });
    }
    for column in &change.added {
        columns.push(ColumnChange::Added { name: column.name.clone(), r#type: column.sql.clone() });
    }
    for column in &change.dropped {
        columns.push(ColumnChange::Dropped { name: column.name.clone() });
    }
    for (before, after) in &change.retyped {
        columns.push(ColumnChange::Retyped {
            name: after.name.clone(),
            from: before.sql.clone(),
            r#type: after.sql.clone(),
        });
    }
    if let Some((before, after)) = change.kept {
        reasons.push(format!("{} → {}", kept(before), kept(after)));
    }
    if change.has_new_meaning && change.kept.is_none() {
        reasons.push("its SQL means something else".to_owned());
    }
    reasons.extend(change.refresh());
    if !change.new_indexes.is_empty() || !change.old_indexes.is_empty() {
        reasons.push("other indexes".to_owned());
    }
    if change.is_described || !change.described.is_empty() {
        reasons.push(DESCRIBED.to_owned());
    }
    let is_landed = object.kind == Kind::Landed;
    let what = match (change.both(), change.new) {
        (None, None) => What::Removed,
        (None, Some(_)) => What::Added,
        (Some(_), _) if change.has_new_meaning || change.kept.is_some() => What::Rebuilt,
        (Some(_), _)
            if columns.is_empty()
                && change.refreshed.is_none()
                && !reasons.iter().any(|one| one == "other indexes") =>
        {
            What::Text
        }
        (Some(_), _) => What::Changed,
    };
    let rows_can_change = !is_landed && what == What::Rebuilt && change.has_new_meaning
        || !is_landed && what == What::Changed && !columns.is_empty();
    Some(ObjectDiff {
        name: format!("{schema}.{}", object.name),
        kind: kind(object),
        what,
        at: place(object, &columns, new),
        columns,
        reasons,
        rows_can_change,
        downstream: Vec::new(),
    })
}

fn kind(object: &Object) -> &'static str {
    match object.kind {
        Kind::Landed => "landed",
        Kind::State => "state",
        Kind::Model => "model",
    }
}

fn kept(kept: Materialization) -> &'static str {
    match kept {
        Materialization::View => "view",
        Materialization::Table => "table",
        Materialization::Incremental => "incremental",
        Materialization::DynamicTable => "dynamic table",
    }
}

/// Where the project asks for what differs: the first column that does, else the table.
fn place(object: &Object, columns: &[ColumnChange], new: &Side) -> Option<Spot> {
    let warehouse = &new.warehouse;
    let landed = warehouse
        .landed
        .iter()
        .find(|table| object.kind == Kind::Landed && table.name == object.name);
    let model = warehouse
        .models
        .iter()
        .find(|table| object.kind == Kind::Model && table.name == object.name);
    let all = landed.map(|table| &table.columns).or(model.map(|table| &table.columns));
    let of_column = columns.iter().find_map(|change| {
        let column = all?.iter().find(|column| column.name == change.name())?;
        column.place.as_ref()
    });
    let of_table =
        landed.and_then(|table| table.place.as_ref()).or(model.map(|table| &table.place));
    of_column.or(of_table).and_then(Spot::of)
}

/// The statements about an object by its schema and name: whether they are of its schema's making does not matter.
fn units(files: &[File]) -> HashMap<(String, &'static str), &Unit> {
    let mut all = HashMap::new();
    for file in files {
        let kind = match file.subject {
            Subject::Schema | Subject::Landed | Subject::Schedule => continue,
            Subject::State => "state",
            Subject::Model(_) => "model",
        };
        for unit in &file.units {
            all.insert((format!("{}.{}", unit.schema, unit.name), kind), unit);
        }
    }
    all
}

/// Models whose statements differ though no column and no meaning does: those that follow from another model's columns or
/// from a setting such as the lookback, and those of which the text alone differs.
fn code(old: &Side, new: &Side, refreshed: &HashSet<String>, all: &mut Vec<ObjectDiff>) {
    let Some(rendered) = new.dialects.first() else { return };
    // Two dialects' SQL says nothing about each other.
    let Some(before) = old.rendered(&rendered.dialect.name) else { return };
    let (was, now) = (units(&before.files), units(&rendered.files));
    let objects = &new.recorded.schema.objects;
    let mut differ: Vec<_> = now
        .iter()
        .filter_map(|(key, unit)| {
            let before = was.get(key)?;
            let text =
                |unit: &Unit| unit.statements.iter().map(|one| one.sql.clone()).collect::<Vec<_>>();
            (text(before) != text(unit)).then(|| (key.clone(), *before, *unit))
        })
        .collect();
    differ.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    for ((name, kind), before, after) in differ {
        let is_same = refreshed.contains(&name) || same_code(before, after, &rendered.dialect);
        match all.iter_mut().find(|one| one.name == name && one.kind == kind) {
            Some(known) => {
                let is_model = kind == "model";
                if is_model && !is_same && matches!(known.what, What::Text | What::Changed) {
                    known.what = What::Changed;
                    known.rows_can_change = true;
                }
            }
            None => all.push(ObjectDiff {
                at: objects
                    .iter()
                    .find(|object| object.name == after.name && self::kind(object) == kind)
                    .and_then(|object| place(object, &[], new)),
                name,
                kind,
                what: if is_same { What::Text } else { What::Changed },
                columns: Vec::new(),
                reasons: vec![if is_same { "text alone" } else { "its SQL" }.to_owned()],
                rows_can_change: kind == "model" && !is_same,
                downstream: Vec::new(),
            }),
        }
    }
}

/// Models that read one whose rows can change: theirs can, too.
fn rows(new: &Side, all: &mut Vec<ObjectDiff>) {
    let schema = &new.recorded.schema;
    // In the order of building, so that each is seen behind what it reads.
    for object in &schema.objects {
        let Some(model) = &object.model else { continue };
        let name = format!("{}.{}", schema.schema_of(object), object.name);
        let changes = |one: &&ObjectDiff| one.rows_can_change && !one.only_gains_columns();
        let read = all.iter().filter(changes).find(|one| model.reads.contains(&one.name));
        let Some(reason) = read.map(|one| format!("reads {}", one.name)) else { continue };
        match all.iter_mut().find(|one| one.name == name && one.kind == "model") {
            Some(known) if known.what == What::Added => {}
            Some(known) => {
                if known.what == What::Text {
                    known.what = What::Rows;
                }
                if !known.rows_can_change || known.only_gains_columns() {
                    known.rows_can_change = true;
                    known.reasons.push(reason);
                }
            }
            None => all.push(ObjectDiff {
                name,
                kind: "model",
                what: What::Rows,
                columns: Vec::new(),
                reasons: vec![reason],
                rows_can_change: true,
                downstream: Vec::new(),
                at: place(object, &[], new),
            }),
        }
    }
}
