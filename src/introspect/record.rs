//! What is recorded of a space: the landed tables, whoever names them, and nothing that stands beside them.

use super::{Landed, is_of_event};
use crate::dialect::Dialect;
use crate::project::{LANDED_TABLES, LandedTables, Model, Project};

/// The landed tables among those of a space.
pub fn recorded(project: &Project, dialect: &Dialect, tables: &[Landed]) -> LandedTables {
    let is_landed = |table: &&Landed| {
        let Some(name) = dialect.in_project(&table.name) else {
            return is_of_event(table, dialect);
        };
        let is_built = Model::ALL.iter().any(|model| model.name() == name);
        LANDED_TABLES.contains(&name.as_str())
            || project.events.iter().any(|event| event.table == name)
            || (!is_built && is_of_event(table, dialect))
    };
    let mut landed = LandedTables::default();
    for table in tables.iter().filter(is_landed) {
        let columns = table.columns.iter().map(|one| (one.name.clone(), one.sql_type.clone()));
        landed.insert(&table.name, columns);
    }
    landed
}

/// In what a record differs from what has landed, a line each.
pub fn stale(record: &LandedTables, landed: &LandedTables) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, columns) in landed.iter() {
        let Some(had) = record.table(table) else {
            lines.push(format!("{table} has landed"));
            continue;
        };
        for (column, sql_type) in columns.iter() {
            match had.sql_type(column) {
                None => lines.push(format!("{table}.{column} has landed, {sql_type}")),
                Some(was) if was != sql_type => {
                    lines.push(format!("{table}.{column} is {sql_type}, recorded as {was}"));
                }
                Some(_) => {}
            }
        }
        let gone = had.iter().filter(|(column, _)| columns.sql_type(column).is_none());
        lines.extend(gone.map(|(column, _)| format!("{table}.{column} is there no more")));
    }
    let gone = record.iter().filter(|(table, _)| landed.table(table).is_none());
    lines.extend(gone.map(|(table, _)| format!("{table} is there no more")));
    lines
}
