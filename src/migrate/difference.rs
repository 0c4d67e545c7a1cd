//! What differs between two records, object by object.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::schema::{Column, Gone, Index, Kind, Object, Schema};
use crate::project::{DynamicTables, Materialization};

/// What differs about one object.
#[derive(Debug, Clone)]
pub struct ObjectChange<'a> {
    /// As it was; `None` for a new one.
    pub old: Option<&'a Object>,
    /// As it will be; `None` for one that is no more.
    pub new: Option<&'a Object>,
    /// New columns.
    pub added: Vec<&'a Column>,
    /// Columns that are no more.
    pub dropped: Vec<&'a Column>,
    /// Columns under another name: before and after.
    pub renamed: Vec<(&'a Column, &'a Column)>,
    /// Columns of another type: before and after.
    pub retyped: Vec<(&'a Column, &'a Column)>,
    /// Traits that are read from other columns than before, by their own name or former ones: before and after.
    pub reread: Vec<(&'a Column, &'a Column)>,
    /// Columns of which only the comment differs.
    pub described: Vec<&'a Column>,
    /// The object's own comment differs.
    pub is_described: bool,
    /// The SQL of its rows means something else.
    pub has_new_meaning: bool,
    /// How it was kept and how it will be.
    pub kept: Option<(Materialization, Materialization)>,
    /// How far the dynamic table may be behind, or what computes it, differs: before and after.
    pub refreshed: Option<(&'a DynamicTables, &'a DynamicTables)>,
    /// New indexes.
    pub new_indexes: Vec<&'a Index>,
    /// Indexes that are no more, or another under the same name.
    pub old_indexes: Vec<&'a Index>,
}

fn by_name(schema: &Schema) -> HashMap<(bool, &str), &Object> {
    schema.objects.iter().map(|object| (object.id(), object)).collect()
}

/// A trait under another name: before and after.
pub type Rename = (String, String);

/// What differs, in the order of building; what is no more comes last.
pub fn difference<'a>(
    old: &'a Schema,
    new: &'a Schema,
    renames: &[Rename],
) -> Vec<ObjectChange<'a>> {
    let was = by_name(old);
    let is: HashSet<_> = new.objects.iter().map(Object::id).collect();
    let mut changes: Vec<_> = new
        .objects
        .iter()
        .map(|object| compare(was.get(&object.id()).copied(), Some(object), renames))
        .collect();
    let gone = old.objects.iter().filter(|object| !is.contains(&object.id()));
    changes.extend(gone.map(|object| compare(Some(object), None, renames)));
    // What was read by one column says nothing of what was loaded by another.
    if old.settings.load_time != new.settings.load_time {
        for change in &mut changes {
            let is_incremental = change.both().is_some_and(|(_, new)| new.is_incremental());
            change.has_new_meaning |= is_incremental;
        }
    }
    let settings = old.settings.dynamic_tables.as_ref().zip(new.settings.dynamic_tables.as_ref());
    let differ = |(old, new): &(&DynamicTables, &DynamicTables)| {
        (old.target_lag, &old.warehouse) != (new.target_lag, &new.warehouse)
    };
    for change in &mut changes {
        let is_dynamic = |(old, new): (&Object, &Object)| old.is_dynamic() && new.is_dynamic();
        let stays = change.both().is_some_and(is_dynamic);
        change.refreshed = settings.filter(|settings| stays && differ(settings));
    }
    changes.retain(ObjectChange::is_any);
    changes
}

fn compare<'a>(
    old: Option<&'a Object>,
    new: Option<&'a Object>,
    renames: &[Rename],
) -> ObjectChange<'a> {
    let mut change = ObjectChange {
        old,
        new,
        added: Vec::new(),
        dropped: Vec::new(),
        renamed: Vec::new(),
        retyped: Vec::new(),
        reread: Vec::new(),
        described: Vec::new(),
        is_described: false,
        has_new_meaning: false,
        kept: None,
        refreshed: None,
        new_indexes: Vec::new(),
        old_indexes: Vec::new(),
    };
    let (Some(old), Some(new)) = (old, new) else { return change };
    change.columns(old, new, renames);
    change.is_described = old.comment != new.comment;
    change.new_indexes = new.indexes.iter().filter(|index| !old.indexes.contains(index)).collect();
    change.old_indexes = old.indexes.iter().filter(|index| !new.indexes.contains(index)).collect();
    if let (Some(was), Some(is)) = (&old.model, &new.model) {
        // A view that shows NULL for what has landed since is put in place anew.
        change.has_new_meaning =
            was.meaning != is.meaning || (was.not_landed != is.not_landed && new.is_query());
        change.is_described |= was.description != is.description;
        let kept = (was.materialized, is.materialized);
        change.kept = (kept.0 != kept.1).then_some(kept);
    }
    change
}

impl<'a> ObjectChange<'a> {
    fn columns(&mut self, old: &'a Object, new: &'a Object, renames: &[Rename]) {
        // Only a table of traits has columns that follow a trait's new name; a landed table gets a new one.
        let follows = new.kind == Kind::Model
            && new.model.as_ref().is_some_and(|model| model.shows.is_none());
        let name_before = |name: &str| {
            let free = follows && old.column(name).is_none();
            let before = renames.iter().filter(|(_, after)| free && after == name);
            let mut before = before.filter(|(before, _)| new.column(before).is_none());
            before.find_map(|(before, _)| old.column(before))
        };
        let mut renamed = Vec::new();
        for column in &new.columns {
            let had = old.column(&column.name);
            match (had, name_before(&column.name)) {
                (None, Some(before)) => {
                    renamed.push(before.name.as_str());
                    self.renamed.push((before, column));
                    if before.logical_type != column.logical_type {
                        self.retyped.push((before, column));
                    }
                }
                (None, None) => self.added.push(column),
                (Some(had), _) if had.sql != column.sql => self.retyped.push((had, column)),
                (Some(had), _) if follows && had.renamed_from != column.renamed_from => {
                    self.reread.push((had, column));
                }
                (Some(had), _) if had.comment != column.comment => self.described.push(column),
                (Some(_), _) => {}
            }
        }
        let gone = old.columns.iter().filter(|column| new.column(&column.name).is_none());
        self.dropped = gone.filter(|column| !renamed.contains(&column.name.as_str())).collect();
    }

    /// Whether anything differs.
    fn is_any(&self) -> bool {
        self.both().is_none()
            || self.has_columns()
            || !self.described.is_empty()
            || self.is_described
            || self.has_new_meaning
            || self.kept.is_some()
            || self.refreshed.is_some()
            || !self.new_indexes.is_empty()
            || !self.old_indexes.is_empty()
    }

    /// Whether its columns differ, their comments aside.
    pub fn has_columns(&self) -> bool {
        !(self.added.is_empty()
            && self.dropped.is_empty()
            && self.renamed.is_empty()
            && self.retyped.is_empty()
            && self.reread.is_empty())
    }

    /// How it is refreshed in another way, in a few words each: `target lag 60 → 15 minutes`.
    pub fn refresh(&self) -> Vec<String> {
        let Some((was, is)) = self.refreshed else { return Vec::new() };
        let mut all = Vec::new();
        if was.target_lag != is.target_lag {
            all.push(format!("target lag {} → {} minutes", was.target_lag, is.target_lag));
        }
        if was.warehouse != is.warehouse {
            all.push(format!("warehouse {} → {}", was.warehouse, is.warehouse));
        }
        all
    }

    /// The object, as it will be if there is such, else as it was.
    pub fn object(&self) -> Option<&'a Object> {
        self.new.or(self.old)
    }

    /// Whether it was there before, and will be.
    pub fn both(&self) -> Option<(&'a Object, &'a Object)> {
        self.old.zip(self.new)
    }
}

impl Schema {
    /// The record with the order that the columns of tables and views have in an older one. Objects named in `anew` are made
    /// anew and have an order of their own.
    #[must_use]
    pub fn after(mut self, old: &Self, renames: &[Rename], anew: &HashSet<String>) -> Self {
        let before = by_name(old);
        for object in &mut self.objects {
            let was = before.get(&object.id()).copied();
            let Some(was) = was.filter(|_| !anew.contains(&object.name)) else { continue };
            let place = |column: &Column| {
                let at = |name: &str| was.columns.iter().position(|one| one.name == name);
                let mut before = renames.iter().filter(|(_, after)| *after == column.name);
                let at_before = || before.find_map(|(before, _)| at(before));
                at(&column.name).or_else(at_before).unwrap_or(usize::MAX)
            };
            object.columns.sort_by_key(place);
        }
        self.gone = self.gone_since(old);
        self
    }

    /// The names that are gone, when this one comes after another.
    fn gone_since(&self, old: &Self) -> Gone {
        let names = |schema: &Self, is_landed: bool| -> BTreeSet<String> {
            let of_kind = |one: &&Object| (one.kind == Kind::Landed) == is_landed;
            schema.objects.iter().filter(of_kind).map(|one| one.name.clone()).collect()
        };
        let gone = |is_landed: bool, before: &BTreeSet<String>| -> BTreeSet<String> {
            let all = before | &names(old, is_landed);
            &all - &names(self, is_landed)
        };
        Gone { landed: gone(true, &old.gone.landed), built: gone(false, &old.gone.built) }
    }
}
