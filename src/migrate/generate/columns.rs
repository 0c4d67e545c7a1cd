//! Columns: of landed tables that idgraph made, and of its own.

use super::{Decisions, Generate, Way};
use crate::diagnostic::Result;
use crate::migrate::difference::ObjectChange;
use crate::migrate::directive::dotted;
use crate::migrate::record::table_column;
use crate::migrate::schema::{Column, Kind, Object};
use crate::migrate::script::{Script, Step};
use crate::render::{Action, Changed, Changes, How, Statement};

impl Way {
    /// Whether columns of a table go, as against going out of use.
    pub(super) fn loses_columns(self, change: &ObjectChange<'_>) -> bool {
        let Some(object) = change.old else { return false };
        match object.kind {
            Kind::Landed => !self.lost_landed(change).is_empty(),
            _ => !change.dropped.is_empty(),
        }
    }

    /// The columns that go from a landed table of our own making: on the way back those that the way forward added;
    /// on the way forward those that come back with another type.
    fn lost_landed<'a>(self, change: &ObjectChange<'a>) -> Vec<&'a Column> {
        let Some((old, new)) = change.both() else { return Vec::new() };
        match self {
            Self::Back => {
                let gone = old.columns.iter().filter(|one| new.column(&one.name).is_none());
                gone.collect()
            }
            Self::Forward => {
                let had = change.added.iter().filter_map(|column| {
                    old.column(&column.name).filter(|had| had.sql != column.sql)
                });
                had.collect()
            }
        }
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
            if object.is_query() || (!is_landed && decisions.dropped.contains(name)) {
                continue;
            }
            let subject = if is_landed { Changed::Landed(name) } else { Changed::Built(name) };
            let lost =
                if is_landed { self.way.lost_landed(change) } else { change.dropped.clone() };
            for column in lost {
                let why = match (is_landed, self.way) {
                    (true, Way::Forward) => format!(
                        "{} comes back to {name} with another type.\nOnly in a table that idgraph made: a column of Segment's is what it is.",
                        column.name
                    ),
                    (true, Way::Back) => {
                        format!("The way forward added {} to {name}.", column.name)
                    }
                    (false, Way::Forward) => {
                        format!("The project has lost {} of {name}.", column.name)
                    }
                    (false, Way::Back) => {
                        format!("The way forward added {} to {name}.", column.name)
                    }
                };
                let place = dotted(&[schema, name, &column.name]);
                let mut directives = vec![format!("destructive {place}")];
                let made = dotted(&[schema, name]);
                directives.extend(is_landed.then(|| format!("only-if-made-here {made}")));
                let had = table_column(column);
                let text = before.column("drop_column", subject, &had, &had)?;
                script.destroy(Step::of_text(why, text, &directives, self.dialect)?);
            }
        }
        Ok(())
    }

    /// Landed tables are Segment's: what is done to them is done only where idgraph made them.
    pub(super) fn landed(&self, after: &Changes<'_>, script: &mut Script) -> Result<()> {
        let is_landed = |object: &Object| object.kind == Kind::Landed;
        let mut is_first = true;
        for change in self.changes {
            let Some(object) = change.new.filter(|object| is_landed(object)) else { continue };
            let made_here =
                vec![format!("only-if-made-here {}", dotted(&[&self.new.space, &object.name]))];
            if change.old.is_some() {
                self.landed_columns(change, object, &made_here, after, script)?;
                continue;
            }
            let mut why =
                format!("What Segment lands in {}, for where it has not yet.", object.name);
            if is_first {
                why.push_str("\nA table that Segment has made stays as it is.");
            }
            is_first = false;
            let statements = self.units.find(true, &object.name).map(|unit| &unit.statements);
            // Comments and indexes of a table that was there are passed over with it.
            script.change(Step::of(why, statements.into_iter().flatten(), |_| Vec::new()));
        }
        Ok(())
    }

    fn landed_columns(
        &self,
        change: &ObjectChange<'_>,
        object: &Object,
        made_here: &[String],
        after: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        let name = &object.name;
        let subject = Changed::Landed(name);
        let lost = self.way.lost_landed(change);
        for column in &change.added {
            let had = change.old.and_then(|old| old.column(&column.name));
            let is_there = had.is_some() && !lost.iter().any(|one| one.name == column.name);
            let (template, why) = if is_there {
                ("comment_column", format!("{} is in {name} from before.", column.name))
            } else {
                (
                    "add_column",
                    format!(
                        "{name} is to have {}. Segment adds it to a table of its own with the first value.",
                        column.name
                    ),
                )
            };
            let column = table_column(column);
            let text = after.column(template, subject, &column, &column)?;
            script.change(Step::of_text(why, text, made_here, self.dialect)?);
        }
        self.shapes(change, object, subject, made_here, after, script)
    }

    /// Types, comments and indexes of a table that stays.
    pub(super) fn shapes(
        &self,
        change: &ObjectChange<'_>,
        object: &Object,
        subject: Changed<'_>,
        directives: &[String],
        after: &Changes<'_>,
        script: &mut Script,
    ) -> Result<()> {
        let name = &object.name;
        let step = |why, text| Step::of_text(why, text, directives, self.dialect);
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
                lost.chain(directives.iter().cloned()).collect()
            };
            let (was, is) = (table_column(was), table_column(is));
            let text = after.column("change_type", subject, &is, &was)?;
            script.change(Step::of_text_with(why, text, self.dialect, marked)?);
        }
        let mut comments = String::new();
        if change.is_described {
            comments.push_str(&after.object("comment_table", subject)?);
            for column in object.columns.iter().filter(|column| !column.configured) {
                let had = change.old.and_then(|old| old.column(&column.name));
                if had.is_some_and(|had| had.comment != column.comment) {
                    let column = table_column(column);
                    comments.push_str(&after.column(
                        "comment_column",
                        subject,
                        &column,
                        &column,
                    )?);
                }
            }
        }
        let own = |column: &&&Column| column.configured || !change.is_described;
        // On SQLite and its like a column of another type is a new one, without a comment to lose.
        let retyped = change.retyped.iter().map(|(was, is)| (was, is));
        let other = retyped.filter(|(was, is)| was.comment != is.comment).map(|(_, is)| is);
        for column in change.described.iter().chain(other).filter(own) {
            let column = table_column(column);
            comments.push_str(&after.column("comment_column", subject, &column, &column)?);
        }
        script.change(step(format!("Another description of {name}: no row changes."), comments)?);
        for index in &change.old_indexes {
            let schema = self.old.schema_of(object);
            let why = format!("{name} is no longer looked up that way.");
            script.change(step(why, after.drop_index(schema, &index.name)?)?);
        }
        if !change.new_indexes.is_empty() {
            let unit = self.units.find(object.kind == Kind::Landed, name);
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
            script.change(Step::of(why, made, |_| directives.to_vec()));
        }
        Ok(())
    }
}
