//! Columns of idgraph's own tables.

use super::{Decisions, Generate, Way};
use crate::diagnostic::Result;
use crate::migrate::difference::ObjectChange;
use crate::migrate::directive::dotted;
use crate::migrate::record::table_column;
use crate::migrate::schema::{Column, Kind, Object};
use crate::migrate::script::{Script, Step};
use crate::render::{Action, Changes, How, Statement};

impl Way {
    /// Whether columns of a table of ours go. Those of a landed one go out of use, and stay.
    pub(super) fn loses_columns(self, change: &ObjectChange<'_>) -> bool {
        change.old.is_some_and(|object| object.kind != Kind::Landed) && !change.dropped.is_empty()
    }
}

impl Generate<'_> {
    pub(super) fn drop_columns(
        &self,
        decisions: &Decisions,
        before: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        for change in self.changes {
            let Some((object, _)) = change.both() else { continue };
            let (schema, name) = (self.old.schema_of(object), object.name.as_str());
            let is_landed = object.kind == Kind::Landed;
            if is_landed || object.is_query() || decisions.dropped.contains(name) {
                continue;
            }
            for column in &change.dropped {
                let why = match self.way {
                    Way::Forward => format!("The project has lost {} of {name}.", column.name),
                    Way::Back => format!("The way forward added {} to {name}.", column.name),
                };
                let directives = [format!("destructive {}", dotted(&[schema, name, &column.name]))];
                let had = table_column(column);
                let text = before.column("drop_column", name, &had, &had)?;
                script.destroy(Step::of_text(why, text, &directives, self.dialect)?);
            }
        }
        Ok(())
    }

    /// Types, comments and indexes of a table that stays.
    pub(super) fn shapes(
        &self,
        change: &ObjectChange<'_>,
        object: &Object,
        after: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        let name = &object.name;
        let step = |why, text| Step::of_text(why, text, &[], self.dialect);
        for (was, is) in change.retyped.iter().filter(|_| !object.is_query()) {
            let why = format!("{} of {name} is {} now, and was {}.", is.name, is.sql, was.sql);
            let loses = !self.dialect.keeps_values(&was.sql, &is.sql);
            let marked = |one: &Statement| {
                let lost = one
                    .takes
                    .iter()
                    .filter(|taken| loses && matches!(taken.how, How::Type { .. } | How::Column));
                let lost = lost.map(|taken| {
                    let parts: Vec<&str> = taken.name.iter().map(String::as_str).collect();
                    format!("destructive {}", dotted(&parts))
                });
                lost.collect()
            };
            let (was, is) = (table_column(was), table_column(is));
            let text = after.column("change_type", name, &is, &was)?;
            script.change(Step::of_text_with(why, text, self.dialect, marked)?);
        }
        let mut comments = String::new();
        if change.is_described {
            comments.push_str(&after.object("comment_table", name)?);
            for column in object.columns.iter().filter(|column| !column.configured) {
                let had = change.old.and_then(|old| old.column(&column.name));
                if had.is_some_and(|had| had.comment != column.comment) {
                    let column = table_column(column);
                    comments.push_str(&after.column("comment_column", name, &column, &column)?);
                }
            }
        }
        let own = |column: &&&Column| column.configured || !change.is_described;
        // On SQLite and its like a column of another type is a new one, without a comment to lose.
        let retyped = change.retyped.iter().map(|(was, is)| (was, is));
        let other = retyped.filter(|(was, is)| was.comment != is.comment).map(|(_, is)| is);
        for column in change.described.iter().chain(other).filter(own) {
            let column = table_column(column);
            comments.push_str(&after.column("comment_column", name, &column, &column)?);
        }
        script.change(step(format!("Another description of {name}: no row changes."), comments)?);
        for index in &change.old_indexes {
            let schema = self.old.schema_of(object);
            let why = format!("{name} is no longer looked up that way.");
            script.change(step(why, after.drop_index(schema, &index.name)?)?);
        }
        if !change.new_indexes.is_empty() {
            let unit = self.units.find(name);
            let statements = unit.into_iter().flat_map(|unit| &unit.statements);
            let is_new = |sql: &str| {
                let named = |name: &str| {
                    sql.contains(&format!(" {name}\n"))
                        || sql.contains(&format!(".{name} "))
                        || sql.contains(&format!(".{name}\n"))
                };
                sql.contains("INDEX") && change.new_indexes.iter().any(|index| named(&index.name))
            };
            let made = statements.filter(|one| one.action == Action::Attend && is_new(&one.sql));
            let why = format!("{name} is looked up that way.");
            script.change(Step::of(why, made, |_| Vec::new()));
        }
        Ok(())
    }
}
