//! Landed columns as queries read them: under the names and types of the project.

use crate::dialect::{Dialect, Reading};
use crate::warehouse::{LandedTable, TableColumn};

/// Begins a new line when the text around it is laid out, as far from the margin as the line that it stands in. For private use,
/// so that no template and no name has a reason to hold it.
pub(super) const BREAK: char = '\u{10F0D2}';

/// The columns of a landed table of that name, a line each.
pub(super) fn subquery(table: &str, columns: impl Iterator<Item = String>) -> String {
    let columns: Vec<String> = columns.map(|column| format!("{BREAK}        {column}")).collect();
    format!(
        "({BREAK}    -- As it landed, under the project's names and types.{BREAK}    SELECT{}{BREAK}    FROM {table} AS landed{BREAK})",
        columns.join(",")
    )
}

/// A landed column as a query reads it.
pub(super) struct Read {
    expression: String,
    /// The name that it has in the query.
    name: String,
}

impl Read {
    pub(super) fn new(table: &LandedTable, column: &TableColumn, dialect: &Dialect) -> Self {
        let landed = dialect.identifier(&dialect.landed_column(column));
        let landed = format!("landed.{landed}");
        let reading = reading(table, column, dialect).1;
        let expression = reading.of(&landed).unwrap_or(landed);
        Self { expression, name: dialect.identifier(column.shown_name()) }
    }

    /// A trait: where its column has no value, or is not there, those that it landed in before say it.
    pub(super) fn renamed(table: &LandedTable, column: &TableColumn, dialect: &Dialect) -> Self {
        let own = Some(column).filter(|column| !table.lacks(column));
        let before = table.before(column);
        let read = own.into_iter().chain(before.iter().copied());
        let mut read: Vec<String> =
            read.map(|one| Self::new(table, one, dialect).expression).collect();
        let name = dialect.identifier(column.shown_name());
        let expression = match read.len() {
            1 => read.remove(0),
            _ => format!("coalesce({})", read.join(", ")),
        };
        Self { expression, name }
    }

    /// Whether it is the column itself.
    pub(super) fn is_plain(&self) -> bool {
        self.expression.strip_prefix("landed.") == Some(&self.name)
    }

    /// As it stands in a SELECT.
    pub(super) fn sql(&self) -> String {
        match self.is_plain() {
            true => self.expression.clone(),
            false => format!("{} AS {}", self.expression, self.name),
        }
    }
}

/// A column's type as it landed, and how it is read; as it is where nobody knows the type.
pub(super) fn reading<'a>(
    table: &'a LandedTable,
    column: &TableColumn,
    dialect: &Dialect,
) -> (Option<&'a str>, Reading) {
    let found = table.found.as_ref();
    let sql_type = found.and_then(|found| found.sql_type(&dialect.landed_column(column)));
    let Some(sql_type) = sql_type else { return (None, Reading::AsIs) };
    // The order of what follows is that of its bytes.
    let is_in_order = column.place.is_none() && column.name == "seq";
    let reading = match is_in_order {
        true => dialect.reading_in_order(sql_type),
        false => dialect.reading(sql_type, column.logical_type),
    };
    (Some(sql_type), reading)
}

/// Lays out a rendered line: every [`BREAK`] in it begins a line.
pub(super) fn lay_out(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    line.replace(BREAK, &format!("\n{}", line.get(..indent).unwrap_or_default()))
}
