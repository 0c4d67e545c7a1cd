//! Statements of migrations as a database runs them: a column that has not landed there is NULL, a table without rows. A file is
//! written where more has landed than where it runs, and the other way round.

use std::collections::BTreeSet;

use super::check::Checked;
use super::directive::Need;
use super::file::MigrationStatement;
use super::record::landed_column;
use crate::diagnostic::Result;
use crate::engine::Catalog;
use crate::project::Model;
use crate::render::{Action, Changes, ObjectRef, Statement};
use crate::warehouse::{LandedTable, TableColumn, is_essential, landed_table};

/// What of a run's statements has not landed.
#[derive(Debug, Default)]
pub(super) struct NotLanded {
    /// The columns of the table that traits are read from.
    traits: BTreeSet<String>,
}

impl NotLanded {
    /// A statement as it runs where not all has landed that it reads; `None` where all has. `needs` are those of its file.
    pub(super) fn instead(
        &mut self,
        one: &MigrationStatement,
        needs: &[&Need],
        standing: &Catalog,
        changes: &Changes<'_>,
    ) -> Option<Statement> {
        let statement = &one.statement;
        let in_view = statement.action == Action::CreateView;
        let mut sql = statement.sql.clone();
        for read in &statement.reads {
            let Some(table) = read_table(read, needs, standing, changes) else { continue };
            let schema = read.schema.as_deref().unwrap_or_default();
            sql = changes.reading(&sql, (schema, &table), in_view);
            if table.name == changes.traits_from() {
                let absent = if table.is_missing { &table.columns } else { &table.absent };
                let shown =
                    absent.iter().map(|column| changes.shown_name(&table.name, &column.name));
                self.traits.extend(shown);
            }
        }
        (sql != statement.sql).then(|| Statement { sql, ..statement.clone() })
    }

    /// What goes behind the statements of a run: traits that have not landed do not count as read, so that they come with their
    /// history.
    ///
    /// # Errors
    /// When a template is wrong.
    pub(super) fn forget(
        &self,
        checked: &Checked,
        changes: &Changes<'_>,
    ) -> Result<Vec<Statement>> {
        let notes = |one: &MigrationStatement| {
            let target = one.statement.target.as_ref();
            target.is_some_and(|target| target.name == changes.watermarks_table())
        };
        if self.traits.is_empty() || !checked.run.file.statements.iter().any(notes) {
            return Ok(Vec::new());
        }
        let column = |name: &String| landed_column(name, crate::project::LogicalType::Varchar);
        let traits: Vec<TableColumn> = self.traits.iter().map(column).collect();
        let mut all = Vec::new();
        for model in [Model::ProfileTraits, Model::UserTraits] {
            all.extend(changes.forget(model, &traits)?);
        }
        Ok(all)
    }
}

/// What a lock of landed tables comes to where not all of them have landed.
pub(super) enum Held {
    /// The lock as it is.
    All,
    /// The lock of those that are there.
    Some(Box<Statement>),
    /// None of them is there.
    None,
}

/// Looks at what a statement locks: a table that has not landed cannot be locked, and has no row that could change.
pub(super) fn held(one: &Statement, standing: &Catalog, changes: &Changes<'_>) -> Held {
    let (begin, end) = ("LOCK TABLE ", " IN ACCESS SHARE MODE");
    let Some((before, rest)) = one.sql.split_once(begin) else { return Held::All };
    let Some((names, after)) = rest.split_once(end) else { return Held::All };
    let is_absent = |name: &&str| {
        let parts = name.trim().split('.').map(|part| part.trim_matches('"').to_lowercase());
        match parts.collect::<Vec<_>>().as_slice() {
            [schema, table] => {
                changes.landed_table(schema, table).is_some()
                    && standing.find_lower(schema, table).is_none()
            }
            _ => false,
        }
    };
    let all: Vec<&str> = names.split(',').collect();
    let left: Vec<&str> =
        all.iter().copied().filter(|name| !is_absent(name)).map(str::trim).collect();
    if left.len() == all.len() {
        return Held::All;
    }
    if left.is_empty() {
        return Held::None;
    }
    let sql = format!("{before}{begin}{}{end}{after}", left.join(", "));
    Held::Some(Box::new(Statement { sql, ..one.clone() }))
}

/// The landed table that a statement reads, where something of it is not there.
fn read_table(
    read: &ObjectRef,
    needs: &[&Need],
    standing: &Catalog,
    changes: &Changes<'_>,
) -> Option<LandedTable> {
    let schema = read.schema.as_deref()?;
    let is_it = |need: &&&Need| {
        need.schema.to_lowercase() == schema && need.table.to_lowercase() == read.name
    };
    let needed: Vec<&&Need> = needs.iter().filter(is_it).collect();
    let known = changes.landed_table(schema, &read.name);
    let name = match (known, needed.first()) {
        (Some(known), _) => known.name.clone(),
        (None, Some(need)) => need.table.clone(),
        (None, None) => return None,
    };
    let mut table = landed_table(&name);
    for need in needed {
        let is_there = table.columns.iter().any(|column| column.name == need.column);
        if let (Some(logical_type), false) = (need.logical_type, is_there) {
            table.columns.push(landed_column(&need.column, logical_type));
        }
    }
    let Some(found) = standing.find_lower(schema, &read.name) else {
        table.is_missing = true;
        return Some(table);
    };
    let is_absent =
        |column: &&TableColumn| !is_essential(&column.name) && found.column(&column.name).is_none();
    table.absent = table.columns.iter().filter(is_absent).cloned().collect();
    (!table.absent.is_empty()).then_some(table)
}
