//! Which models are dropped, made anew, built again in place, or left as they are.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Way;
use crate::dialect::Dialect;
use crate::migrate::difference::ObjectChange;
use crate::migrate::schema::{Column, Kind, Object, Schema};
use crate::project::Model;

/// What happens to models as a whole.
pub(in crate::migrate) struct Decisions {
    /// Models and state that are dropped, those that are made anew included.
    pub(in crate::migrate) dropped: BTreeSet<String>,
    /// Tables whose rows are computed anew, in place.
    pub(super) rebuilt: BTreeSet<String>,
    /// Views that are put in place of themselves.
    pub(super) replaced: BTreeSet<String>,
}

impl Decisions {
    /// Every object that something is decided about.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let all = self.dropped.iter().chain(&self.rebuilt).chain(&self.replaced);
        all.map(String::as_str)
    }
}

/// Two records and what differs.
struct Deciding<'a> {
    old: &'a Schema,
    new: &'a Schema,
    changes: &'a [ObjectChange<'a>],
    /// What idgraph builds, by name: before, after, and what differs.
    was: HashMap<&'a str, &'a Object>,
    is: HashMap<&'a str, &'a Object>,
    change: HashMap<&'a str, &'a ObjectChange<'a>>,
    way: Way,
    dialect: &'a Dialect,
}

/// Decides what happens to models between two records.
pub(in crate::migrate) fn decide(
    (old, new): (&Schema, &Schema),
    changes: &[ObjectChange<'_>],
    way: Way,
    dialect: &Dialect,
) -> Decisions {
    let changed = changes.iter().filter_map(|change| Some((change.object()?, change)));
    let changed = changed.filter(|(object, _)| object.kind != Kind::Landed);
    let change = changed.map(|(object, change)| (object.name.as_str(), change)).collect();
    Deciding { old, new, changes, was: built(old), is: built(new), change, way, dialect }.decide()
}

fn built(schema: &Schema) -> HashMap<&str, &Object> {
    let built = schema.objects.iter().filter(|object| object.kind != Kind::Landed);
    built.map(|object| (object.name.as_str(), object)).collect()
}

impl Deciding<'_> {
    fn decide(&self) -> Decisions {
        let mut decisions = Decisions {
            dropped: self.dropped(),
            rebuilt: BTreeSet::new(),
            replaced: BTreeSet::new(),
        };
        let stays = |object: &&Object| {
            object.kind == Kind::Model
                && !decisions.dropped.contains(&object.name)
                && self.was.contains_key(object.name.as_str())
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

    /// Whether the project's traits are others than before.
    fn has_other_traits(&self) -> bool {
        let traits = self.new.model(Model::ProfileTraits);
        traits
            .and_then(|object| self.change.get(object.name.as_str()))
            .is_some_and(|change| change.has_columns())
    }

    fn reads_traits(object: &Object) -> bool {
        object.is_model(Model::ProfileTraits) || object.is_model(Model::UserTraits)
    }

    fn view_differs(&self, object: &Object) -> bool {
        let differs = |change: &&ObjectChange<'_>| change.has_new_meaning || change.has_columns();
        self.change.get(object.name.as_str()).is_some_and(differs)
            || (Self::reads_traits(object) && self.has_other_traits())
    }

    /// Whether a table's rows have to be computed anew; a table of traits gains and loses single traits without that.
    fn rows_differ(&self, object: &Object) -> bool {
        let Some(change) = self.change.get(object.name.as_str()) else { return false };
        let becomes_incremental = change.kept.is_some() && object.is_incremental();
        let gains = !change.added.is_empty() || !change.retyped.is_empty();
        change.has_new_meaning || becomes_incremental || (gains && !Self::reads_traits(object))
    }

    fn dropped(&self) -> BTreeSet<String> {
        let mut dropped = BTreeSet::new();
        for object in self.old.objects.iter().filter(|object| object.kind != Kind::Landed) {
            let goes = match self.is.get(object.name.as_str()) {
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
            self.hold(&mut dropped);
        }
        dropped
    }

    /// Whether a view can be put in place of an older one.
    fn can_replace(&self, old: &Object, new: &Object) -> bool {
        let same = |(old, new): (&Column, &Column)| old.name == new.name && old.sql == new.sql;
        self.dialect.facts.can.views_change_columns
            || (old.columns.len() <= new.columns.len()
                && old.columns.iter().zip(&new.columns).all(same))
    }

    /// Adds the views that keep something from being dropped or changed, and those that hold them.
    fn hold(&self, dropped: &mut BTreeSet<String>) {
        let loses = |change: &&ObjectChange<'_>| {
            change.old.is_some_and(|object| !object.is_query())
                && (!change.retyped.is_empty()
                    || self.way.loses_columns(change)
                    || (self.way == Way::Back && change.new.is_none()))
        };
        let lose = self.changes.iter().filter(loses).filter_map(ObjectChange::object);
        let lose: HashSet<&str> = lose.map(|object| object.name.as_str()).collect();
        loop {
            let is_held = |view: &&Object| {
                let reads = view.model.iter().flat_map(|model| &model.reads);
                let mut names = reads.map(|read| read.rsplit('.').next().unwrap_or_default());
                !dropped.contains(&view.name)
                    && names.any(|name| dropped.contains(name) || lose.contains(name))
            };
            let views = self.old.objects.iter().filter(|object| object.is_query());
            let held: Vec<String> = views.filter(is_held).map(|view| view.name.clone()).collect();
            if held.is_empty() {
                return;
            }
            dropped.extend(held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::dialect::Library;
    use crate::migrate::difference::difference;

    /// A record of a landed table, a view of it, a view of that view, and a table that reads both; the landed column is of
    /// this type.
    fn recorded(logical: &str, sql: &str) -> Schema {
        let columns = |logical: &str, sql: &str| {
            format!(
                "[{{\"name\":\"x\",\"type\":\"{logical}\",\"sql\":\"{sql}\",\"comment\":\"\"}}]"
            )
        };
        let model = |name: &str, kept: &str, reads: &str| {
            format!(
                "{{\"kind\":\"model\",\"name\":\"{name}\",\"comment\":\"\",\"columns\":{},\"model\":{{\"name\":\"{name}\",\
                 \"materialized\":\"{kept}\",\"meaning\":\"\",\"description\":\"\",\"reads\":[{reads}]}}}}",
                columns("varchar", "text")
            )
        };
        let objects = [
            format!(
                "{{\"kind\":\"landed\",\"name\":\"landed\",\"comment\":\"\",\"columns\":{}}}",
                columns(logical, sql)
            ),
            model("id_graph", "view", "\"acme.landed\""),
            model("external_id_mapping", "view", "\"acme.id_graph\""),
            model("profile_merges", "view", "\"acme.other\""),
            model("profile_traits", "table", "\"acme.landed\",\"acme.id_graph\""),
        ];
        let text = format!(
            "{{\"version\":1,\"space\":\"acme\",\"models_schema\":\"acme\",\"settings\":{{\"traits_from\":\"identifies\",\
             \"null_means\":\"unknown\",\"removals\":false,\"load_time\":\"uuid_ts\"}},\"objects\":[{}]}}",
            objects.join(",")
        );
        Schema::parse(&Source::new("schema.json", text)).unwrap()
    }

    #[test]
    fn a_view_is_dropped_with_the_view_that_it_reads() {
        let (old, new) = (recorded("integer", "bigint"), recorded("varchar", "text"));
        let changes = difference(&old, &new, &[]);
        let dropped = |dialect: &str| {
            let dialect = Dialect::load(&Library::embedded(), dialect).unwrap();
            let dropped = decide((&old, &new), &changes, Way::Forward, &dialect).dropped;
            dropped.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(dropped("postgres"), ["external_id_mapping", "id_graph"]);
        assert!(dropped("snowflake").is_empty(), "there a view holds nothing");
    }
}
