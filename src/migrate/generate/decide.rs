//! Which models are dropped, made anew, built again in place, or left as they are.

use std::collections::BTreeSet;

use super::{Decisions, Generate, Way};
use crate::migrate::difference::ObjectChange;
use crate::migrate::schema::{Kind, Object};
use crate::project::Model;

impl Generate<'_> {
    pub(in crate::migrate) fn decide(&self) -> Decisions {
        let mut decisions = Decisions {
            dropped: self.dropped(),
            rebuilt: BTreeSet::new(),
            replaced: BTreeSet::new(),
        };
        let stays = |object: &&Object| {
            object.kind == Kind::Model
                && !decisions.dropped.contains(&object.name)
                && self.old.built(&object.name).is_some()
        };
        let stay: Vec<&Object> = self.new.objects.iter().filter(stays).collect();
        for object in &stay {
            if object.is_query() {
                if self.view_differs(object) {
                    decisions.replaced.insert(object.name.clone());
                }
            } else if self.rows_differ(object)
                || object.model.iter().flat_map(|model| &model.reads).any(|read| {
                    // What is in the order of building was decided before.
                    let name = read.rsplit('.').next().unwrap_or_default();
                    decisions.rebuilt.contains(name)
                })
            {
                decisions.rebuilt.insert(object.name.clone());
            }
        }
        decisions
    }

    fn change(&self, name: &str) -> Option<&ObjectChange<'_>> {
        let is_built = |object: &Object| object.kind != Kind::Landed && object.name == name;
        self.changes.iter().find(|change| change.object().is_some_and(is_built))
    }

    /// Whether the project's traits are others than before.
    fn has_other_traits(&self) -> bool {
        let traits = self.new.model(Model::ProfileTraits);
        traits.and_then(|object| self.change(&object.name)).is_some_and(ObjectChange::has_columns)
    }

    fn reads_traits(object: &Object) -> bool {
        object.is_model(Model::ProfileTraits) || object.is_model(Model::UserTraits)
    }

    fn view_differs(&self, object: &Object) -> bool {
        let differs = |change: &ObjectChange<'_>| change.has_new_meaning || change.has_columns();
        self.change(&object.name).is_some_and(differs)
            || (Self::reads_traits(object) && self.has_other_traits())
    }

    /// Whether a table's rows have to be computed anew; a table of traits gains and loses single traits without that.
    fn rows_differ(&self, object: &Object) -> bool {
        let Some(change) = self.change(&object.name) else { return false };
        let becomes_incremental = change.kept.is_some() && object.is_incremental();
        let gains = !change.added.is_empty() || !change.retyped.is_empty();
        change.has_new_meaning || becomes_incremental || (gains && !Self::reads_traits(object))
    }

    fn dropped(&self) -> BTreeSet<String> {
        let mut dropped = BTreeSet::new();
        for object in self.old.objects.iter().filter(|object| object.kind != Kind::Landed) {
            let goes = match self.new.built(&object.name) {
                None => true,
                Some(new) => {
                    object.object() != new.object()
                        || (object.is_query() && !self.can_replace(object, new))
                }
            };
            if goes {
                dropped.insert(object.name.clone());
            }
        }
        if self.dialect.facts.can.views_hold {
            while let Some(view) = self.held(&dropped) {
                dropped.insert(view);
            }
        }
        dropped
    }

    /// Whether a view can be put in place of an older one.
    fn can_replace(&self, old: &Object, new: &Object) -> bool {
        let same =
            |(old, new): (&crate::migrate::schema::Column, &crate::migrate::schema::Column)| {
                old.name == new.name && old.sql == new.sql
            };
        self.dialect.facts.can.views_change_columns
            || (old.columns.len() <= new.columns.len()
                && old.columns.iter().zip(&new.columns).all(same))
    }

    /// A view that keeps something from being dropped or changed.
    fn held(&self, dropped: &BTreeSet<String>) -> Option<String> {
        let loses = |name: &str| {
            let mut changes = self
                .changes
                .iter()
                .filter(|change| change.object().is_some_and(|object| object.name == name));
            changes.any(|change| {
                let is_table = change.old.is_some_and(|object| !object.is_query());
                is_table
                    && (!change.retyped.is_empty()
                        || self.loses_columns(change)
                        || (self.way == Way::Back && change.new.is_none()))
            })
        };
        let is_held = |view: &&Object| {
            let reads = view.model.iter().flat_map(|model| &model.reads);
            let mut names = reads.map(|read| read.rsplit('.').next().unwrap_or_default());
            names.any(|name| dropped.contains(name) || loses(name))
        };
        let views = self.old.objects.iter().filter(|object| object.is_query());
        let mut views = views.filter(|view| !dropped.contains(&view.name));
        views.find(is_held).map(|view| view.name.clone())
    }
}
