//! Models and what idgraph remembers about them.

use super::{Decisions, Generate, Way};
use crate::diagnostic::Result;
use crate::migrate::difference::ObjectChange;
use crate::migrate::record::table_column;
use crate::migrate::schema::{Column, Kind, Object};
use crate::migrate::script::{Script, Step};
use crate::project::Model;
use crate::render::{Action, Changes, How, Statement};
use crate::warehouse::TableColumn;

/// The traits that come, those that go, and whether those that come have columns without values.
struct Traits {
    come: Vec<TableColumn>,
    go: Vec<TableColumn>,
    are_empty: bool,
}

impl Generate<'_> {
    pub(super) fn models(
        &self,
        decisions: &Decisions,
        after: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        for object in self.new.objects.iter().filter(|object| object.kind != Kind::Landed) {
            let name = &object.name;
            if self.old.built(name).is_none() || decisions.dropped.contains(name) {
                self.create(object, script);
                continue;
            }
            let is_built = |change: &&ObjectChange<'_>| {
                change.new.is_some_and(|one| one.kind != Kind::Landed && one.name == *name)
            };
            let change = self.changes.iter().find(is_built);
            if let Some(change) = change.filter(|_| !object.is_query()) {
                self.own_columns(change, object, after, script)?;
            }
            if let Some(change) = change {
                self.shapes(change, object, after, script)?;
            }
            if decisions.replaced.contains(name) {
                self.replace(object, script);
            } else if decisions.rebuilt.contains(name) {
                self.rebuild(object, change, script);
            } else if !object.is_query() {
                self.traits(object, after, script)?;
            } else if let Some((was, is)) = change.and_then(|change| change.refreshed) {
                let why = format!("{name} stays, and is refreshed in another way from now on.");
                let text = after.refreshed(name, (was, is))?;
                script.change(Step::of_text(why, text, &[], self.dialect)?);
            }
            let stops = change.is_some_and(|change| change.old.is_some_and(Object::is_incremental));
            if stops && !object.is_incremental() && self.to.watermarks.is_some() {
                let why = format!("{name} is no longer refreshed from where it was read.");
                let text = after.watermarks("forget", name, &[])?;
                script.change(Step::of_text(why, text, &[], self.dialect)?);
            }
        }
        if self.to.watermarks.is_some() {
            let gone = self.old.objects.iter().filter(|object| object.is_incremental());
            for object in
                gone.filter(|object| self.new.built(&object.name).is_none_or(Object::is_query))
            {
                let why = format!("{} is no longer refreshed.", object.name);
                let text = after.watermarks("forget", &object.name, &[])?;
                script.change(Step::of_text(why, text, &[], self.dialect)?);
            }
        }
        Ok(())
    }

    fn statements(&self, name: &str) -> impl Iterator<Item = &Statement> {
        self.units.find(name).into_iter().flat_map(|unit| &unit.statements)
    }

    fn create(&self, object: &Object, script: &mut Script) {
        let name = &object.name;
        let why = match &object.model {
            Some(_) if self.old.objects.is_empty() => format!("{}.", object.comment),
            Some(_) if self.old.built(name).is_some() => format!("{name}, made anew."),
            Some(_) => format!("{name} is new. {}.", object.comment),
            None => format!("{}.", object.comment),
        };
        let kept = self.statements(name).filter(|one| !is_drop(one) && !looks_for_columns(one));
        let mut told = Vec::new();
        script.change(Step::of(why, kept, |one| self.untold(object, one, &mut told)));
    }

    fn replace(&self, object: &Object, script: &mut Script) {
        let why = format!("The {} {} shows something else now.", object.object(), object.name);
        let mut told = Vec::new();
        let all = self.statements(&object.name);
        script.change(Step::of(why, all, |one| self.untold(object, one, &mut told)));
    }

    fn rebuild(&self, object: &Object, change: Option<&ObjectChange<'_>>, script: &mut Script) {
        let name = &object.name;
        let why = if change.is_some_and(|change| change.has_new_meaning) {
            format!("{name} means something else now.")
        } else if change.is_some_and(|change| change.kept.is_some()) {
            format!("{name} is refreshed from now on: it notes how far it has read.")
        } else if change.is_some_and(ObjectChange::has_columns) {
            format!("{name} has other columns.")
        } else {
            format!("{name} is built from what changes above.")
        };
        let beside = |one: &Statement| {
            one.target.as_ref().is_some_and(|table| self.dialect.is_beside(&table.name))
        };
        let where_to = if self.statements(name).any(beside) {
            "in a table that takes its place:\ngrants on the old one alone are not on it."
        } else {
            "in place:\ngrants, comments and the views on it stay."
        };
        let why = format!("{why} Its rows are computed anew, {where_to}");
        let makes = |one: &Statement| {
            one.action == Action::Attend
                || one.makes_table(name)
                || one.notes_made()
                || looks_for_columns(one)
        };
        let fill = self.statements(name).filter(|one| !makes(one));
        let mut told = Vec::new();
        script.change(Step::of(why, fill, |one| self.untold(object, one, &mut told)));
    }

    /// The needs of a statement that no statement before it has.
    fn untold(&self, object: &Object, one: &Statement, told: &mut Vec<String>) -> Vec<String> {
        let needs = self.needs(object, one, None);
        let new: Vec<_> = needs.into_iter().filter(|need| !told.contains(need)).collect();
        told.extend(new.iter().cloned());
        new
    }

    fn own_columns(
        &self,
        change: &ObjectChange<'_>,
        object: &Object,
        after: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        let name = &object.name;
        for (was, is) in &change.renamed {
            let why = format!("The trait {} is called {} now.", was.name, is.name);
            let (was, is) = (table_column(was), table_column(is));
            let text = after.column("rename_column", name, &is, &was)?;
            script.change(Step::of_text(why, text, &[], self.dialect)?);
        }
        for column in &change.added {
            let what = if object.is_model(Model::ProfileTraits) { "trait" } else { "column" };
            let why = match self.way {
                Way::Forward => format!("The {what} {} is new in {name}.", column.name),
                Way::Back => format!("The {what} {} comes back to {name}.", column.name),
            };
            let column = table_column(column);
            let text = after.column("add_column", name, &column, &column)?;
            script.change(Step::of_text(why, text, &[], self.dialect)?);
        }
        Ok(())
    }

    /// Values of traits that came, and no others, in a table that stays as it is.
    fn traits(&self, object: &Object, after: &Changes<'_>, script: &mut Script) -> Result<()> {
        if !object.is_model(Model::ProfileTraits) && !object.is_model(Model::UserTraits) {
            return Ok(());
        }
        let Some(traits) = self.other_traits() else { return Ok(()) };
        let Traits { come, go, are_empty } = traits;
        let names = |columns: &[TableColumn]| {
            columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
        };
        // A trait that has not landed is NULL until it has, and is filled by the first refresh behind that.
        let landed = self.to.landed_table(self.to.traits_from);
        let come: Vec<TableColumn> = come
            .into_iter()
            .filter(|column| landed.is_none_or(|table| table.has_trait(column)))
            .collect();
        let step = |why: String, text: String| Step::of_text(why, text, &[], self.dialect);
        let filled = |why: String, text: String| {
            let needs = |one: &Statement| self.needs(object, one, Some(&come));
            Step::of_text_with(why, text, self.dialect, needs)
        };
        let name = &object.name;
        let few = self.to.with_traits(&names(&come));
        let query = Changes::new(&few, self.dialect, self.library)?;
        if object.is_model(Model::UserTraits) {
            if !go.is_empty() {
                let why = format!("{name} has rows of {} no longer.", names(&go).join(", "));
                script.change(step(why, after.drop_trait_rows(name, &names(&go))?)?);
            }
            if !come.is_empty() {
                let why = format!("Rows of {} from all landed rows.", names(&come).join(", "));
                script.change(filled(why, query.add_trait_rows(name)?)?);
            }
        } else if !come.is_empty() {
            let why = format!(
                "Values of {} from all landed rows; no other column is touched.",
                names(&come).join(", ")
            );
            script.change(filled(why, query.backfill(name, &come, are_empty)?)?);
        }
        if object.is_incremental() {
            if !go.is_empty() {
                let why = format!("{name} no longer reads them.");
                script.change(step(why, after.watermarks("forget_traits", name, &go)?)?);
            }
            if !come.is_empty() {
                let why = format!("{name} has read them: the next refresh goes on from there.");
                script.change(step(why, after.watermarks("note_traits", name, &come)?)?);
            }
        }
        Ok(())
    }

    fn other_traits(&self) -> Option<Traits> {
        let traits = self.new.model(Model::ProfileTraits)?;
        let change = self.changes.iter().find(|change| {
            change.both().is_some_and(|(_, new)| new.kind == Kind::Model && new.name == traits.name)
        })?;
        let (was, is): (Vec<&Column>, Vec<&Column>) =
            change.renamed.iter().chain(&change.retyped).chain(&change.reread).copied().unzip();
        let all = |columns: &[&Column], others: &[&Column]| {
            let mut all: Vec<TableColumn> = Vec::new();
            for column in columns.iter().chain(others).filter(|column| column.configured) {
                if !all.iter().any(|one| one.name == column.name) {
                    all.push(table_column(column));
                }
            }
            all
        };
        let (come, go) = (all(&change.added, &is), all(&change.dropped, &was));
        Some(Traits { come, go, are_empty: is.is_empty() })
    }
}

/// Whether a statement is of those that look which columns a table has and add the others: for files that nobody records. Here
/// they are known, and added by name.
fn looks_for_columns(statement: &Statement) -> bool {
    let looks = |how: &How| matches!(how, How::Unknown(_) | How::Object("procedure"));
    statement.takes.iter().any(|taken| looks(&taken.how))
}

fn is_drop(statement: &Statement) -> bool {
    let code = statement.sql.lines().find(|line| !line.trim_start().starts_with("--"));
    code.is_some_and(|line| line.trim_start().starts_with("DROP "))
}
