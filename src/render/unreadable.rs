//! Landed columns that cannot be had as the type that the project says, found before anything runs.

use super::landed::reading;
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, Reading};
use crate::project::{LogicalType, Project};
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// Every landed column of which something would be lost, or may not be read at all.
pub fn unreadable(project: &Project, warehouse: &Warehouse, dialect: &Dialect) -> Vec<Diagnostic> {
    let tables = warehouse.landed.iter();
    tables.flat_map(|table| unreadable_in(table, project, (warehouse, dialect))).collect()
}

/// Those of one table.
pub fn unreadable_in(
    table: &LandedTable,
    project: &Project,
    (warehouse, dialect): (&Warehouse, &Dialect),
) -> Vec<Diagnostic> {
    let refused = |column: &TableColumn| match reading(table, column, dialect) {
        (Some(landed), Reading::Refused) => {
            Some(refused(project, warehouse, dialect, (table, column, landed)))
        }
        _ => None,
    };
    table.columns.iter().filter_map(refused).collect()
}

fn refused(
    project: &Project,
    warehouse: &Warehouse,
    dialect: &Dialect,
    (table, column, landed): (&LandedTable, &TableColumn, &str),
) -> Diagnostic {
    let name = format!(
        "{}.{}.{}",
        warehouse.space,
        dialect.landed_table(table),
        dialect.landed_column(column)
    );
    // The warehouse's own words: nothing in them steers a terminal.
    let landed: String = landed.chars().flat_map(char::escape_debug).take(200).collect();
    let wanted = column.logical_type.name();
    let diagnostic = Diagnostic::error(
        "landed-type",
        format!("{name} is {landed}, and cannot be read as {wanted} without loss"),
    );
    let Some(place) = &column.place else {
        return diagnostic
            .at(&project.space.place, "the schema that was looked in")
            .note(format!("this column is Segment's own, and lands as {wanted}"))
            .help("somebody else made or changed that column: give it its type back, or let Segment land the table anew");
    };
    let diagnostic = diagnostic.at(place, format!("{wanted} here"));
    let fitting = dialect.readable_as(&landed);
    let words: Vec<String> =
        fitting.iter().map(|logical| format!("`type: {}`", logical.name())).collect();
    if words.is_empty() {
        return diagnostic
            .note(format!("idgraph knows no way to read {landed}"))
            .help("take it out of the project");
    }
    let is_context = column.logical_type == LogicalType::Varchar;
    match is_context {
        true => diagnostic.help("take it out of the project"),
        false => diagnostic.help(format!("every value of it is kept by {}", words.join(" or "))),
    }
}
