//! From the difference between two records to the statements that make one out of the other.

mod columns;
mod decide;
mod models;

use std::collections::HashSet;

use self::decide::Decisions;
pub(super) use self::decide::decide;
use super::difference::ObjectChange;
use super::directive::dotted;
use super::record::{self, Units};
use super::schema::{Kind, Object, Schema};
use super::script::{Script, Step};
use super::trouble::can_widen;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::render::{Changes, Statement, render_full};
use crate::warehouse::{TableColumn, Warehouse};

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To what the project says now.
    Forward,
    /// To what it said before. What a way forward made is taken away again.
    Back,
}

/// One way between two records.
#[derive(Clone, Copy)]
pub(super) struct Generate<'a> {
    pub(super) old: &'a Schema,
    pub(super) new: &'a Schema,
    pub(super) changes: &'a [ObjectChange<'a>],
    /// The warehouse of the new record, and of the old one.
    pub(super) to: &'a Warehouse,
    pub(super) from: &'a Warehouse,
    pub(super) dialect: &'a Dialect,
    pub(super) library: &'a Library,
    pub(super) way: Way,
    /// The statements of the new record about what changes, each model in full.
    units: &'a Units<'a>,
}

/// Two records and their warehouses: before and after.
pub(super) struct Ends<'a> {
    pub(super) old: &'a Schema,
    pub(super) new: &'a Schema,
    pub(super) from: &'a Warehouse,
    pub(super) to: &'a Warehouse,
}

/// The statements from one record to the other; `None` when there is no such way.
///
/// Only what changes is rendered, and what every event table shares.
///
/// # Errors
/// When something cannot be rendered.
pub(super) fn script(
    ends: &Ends<'_>,
    changes: &[ObjectChange<'_>],
    way: Way,
    dialect: &Dialect,
    library: &Library,
) -> Result<Option<Script>> {
    let Ends { old, new, from, to } = *ends;
    let decisions = decide((old, new), changes, way, dialect);
    let mut touched: HashSet<&str> = decisions.all().collect();
    touched.extend(changes.iter().filter_map(ObjectChange::object).map(|one| one.name.as_str()));
    let (from, to) = (from.with_events(&touched), to.with_events(&touched));
    let files =
        if new.objects.is_empty() { Vec::new() } else { render_full(&to, dialect, library, "")? };
    let units = Units::of(&files);
    let generate =
        Generate { old, new, changes, to: &to, from: &from, dialect, library, way, units: &units };
    generate.script(&decisions)
}

impl Generate<'_> {
    fn script(&self, decisions: &Decisions) -> Result<Option<Script>> {
        if self.way == Way::Back && !self.is_reversible()? {
            return Ok(None);
        }
        let before = Changes::new(self.from, self.dialect, self.library)?;
        let after = Changes::new(self.to, self.dialect, self.library)?;
        let mut script = Script::default();
        self.drop_objects(decisions, &before, &mut script)?;
        self.drop_columns(decisions, &before, &mut script)?;
        if self.old.objects.is_empty() {
            self.schemas(&mut script);
        }
        self.models(decisions, &after, &mut script)?;
        Ok(Some(script))
    }

    /// Whether the old record can be had again: types only narrow with loss, and SQL of another version of idgraph is
    /// not at hand.
    fn is_reversible(&self) -> Result<bool> {
        let narrows = |change: &ObjectChange<'_>| {
            let is_table = change.new.is_some_and(|object| !object.is_query());
            let lost = |pair: &(_, _)| !can_widen(self.dialect, pair.0, pair.1);
            is_table && change.retyped.iter().any(lost)
        };
        if self.changes.iter().any(narrows) {
            return Ok(false);
        }
        let meanings: Vec<_> =
            self.changes.iter().filter(|change| change.has_new_meaning).collect();
        if meanings.is_empty() {
            return Ok(true);
        }
        let schema = record::record(self.to, self.dialect, self.library)?;
        let meaning = |object: &Object| object.model.as_ref().map(|model| model.meaning.clone());
        Ok(meanings.iter().filter_map(|change| change.new).all(|object| {
            schema.built(&object.name).is_some_and(|again| meaning(again) == meaning(object))
        }))
    }

    fn drop_objects(
        &self,
        decisions: &Decisions,
        before: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        let dropped = |object: &&Object| {
            object.kind != Kind::Landed && decisions.dropped.contains(&object.name)
        };
        for object in self.old.objects.iter().rev().filter(dropped) {
            let schema = self.old.schema_of(object);
            let (name, table) = (&object.name, dotted(&[schema, &object.name]));
            let what = object.object();
            let template = format!("drop_{}", what.replace(' ', "_"));
            let why = match self.new.built(name) {
                Some(new) if new.object() != what => {
                    format!("{name} is to be a {}: the {what} makes room for it.", new.object())
                }
                Some(_) => format!(
                    "The {what} {name} is made anew below: it stands in the way of what happens to its columns."
                ),
                None if self.way == Way::Back => format!("The way forward made {name}."),
                None => format!("The project has lost {name}."),
            };
            let text = before.object(&template, name)?;
            // Nothing of a view is lost when it is made again.
            if object.is_query() && self.new.built(name).is_some_and(Object::is_query) {
                script.remake(Step::of_text(why, text, &[], self.dialect)?);
                continue;
            }
            let directives = vec![format!("destructive {table}")];
            script.destroy(Step::of_text(why, text, &directives, self.dialect)?);
        }
        Ok(())
    }

    fn schemas(&self, script: &mut Script) {
        let statements = self.units.schemas.iter().copied();
        script.change(Step::of("What the models stand in.".to_owned(), statements, |_| Vec::new()));
    }

    /// The landed columns that a statement about a model cannot do without: those that Segment lands with their first
    /// value only.
    fn needs(
        &self,
        model: &Object,
        statement: &Statement,
        among: Option<&[TableColumn]>,
    ) -> Vec<String> {
        let space = &self.new.space;
        let shows = model.model.as_ref().and_then(|model| model.shows.as_deref());
        let reads =
            |table: &str| statement.reads.iter().any(|read| read.name == table.to_lowercase());
        let mut needs = Vec::new();
        for table in self.to.landed.iter().filter(|table| reads(&table.name)) {
            // What it is called now, and was before.
            let is_of = |traits: &[TableColumn], column: &TableColumn| {
                let name = column.shown_name();
                let is_it = |one: &TableColumn| {
                    one.name == name || one.renamed_from.iter().any(|before| before == name)
                };
                traits.iter().any(is_it)
            };
            let is_asked = |column: &&TableColumn| match (among, shows) {
                (Some(among), _) => is_of(among, column),
                (None, Some(_)) => column.place.is_some(),
                (None, None) => {
                    (column.place.is_some() && is_of(self.to.traits(), column))
                        || column.name == "__operation"
                }
            };
            let landed = table.columns.iter().filter(|column| table.has_landed(column));
            let asked = landed.filter(is_asked);
            let asked = asked.filter(|_| {
                shows.is_some() || table.name == self.to.traits_from || self.to.removals
            });
            needs.extend(asked.map(|column| {
                let name = dotted(&[space, &table.name, &column.name]);
                format!("needs {name} {}", column.logical_type.name())
            }));
        }
        needs
    }
}
