//! Landed tables as queries read them: under the names and types of the project, NULL for what has not landed.

use super::context::readable;
use crate::dialect::{Dialect, Reading};
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// Begins a new line when the text around it is laid out, as far from the margin as the line that it stands in. For private use,
/// so that no template and no name has a reason to hold it.
pub(super) const BREAK: char = '\u{10F0D2}';

/// What of a landed table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// Every column of the project's, NULL where it has not landed.
    All,
    /// What has landed, and the row's address where the dialect has one.
    Rows,
    /// One trait and what tells which row of it is the latest: of many traits, each is read by a query of its own.
    Trait(&'a str),
}

/// What is read beside one trait.
const BESIDE_TRAIT: [&str; 6] = ["id", "segment_id", "seq", "received_at", "uuid_ts", "timestamp"];

impl Scope<'_> {
    fn has(self, column: &TableColumn) -> bool {
        match self {
            Self::All | Self::Rows => true,
            Self::Trait(name) if column.place.is_some() => column.shown_name() == name,
            Self::Trait(_) => BESIDE_TRAIT.contains(&column.name.as_str()),
        }
    }
}

/// A landed table as a query reads it, without rows where it has not landed.
pub(super) fn landed_relation(
    warehouse: &Warehouse,
    table: &LandedTable,
    dialect: &Dialect,
    in_view: bool,
    scope: Scope<'_>,
) -> String {
    let null = |column: &TableColumn| {
        let sql_type = dialect.sql_type(column.logical_type);
        format!("CAST(NULL AS {sql_type}) AS {}", dialect.identifier(column.shown_name()))
    };
    if table.is_missing {
        let columns = table
            .columns
            .iter()
            .filter(|column| scope.has(column))
            .map(null)
            .collect::<Vec<_>>()
            .join(", ");
        // Not every warehouse takes a WHERE without a FROM.
        return format!("(SELECT {columns} FROM (SELECT 1 AS one) AS nothing WHERE 1 = 0)");
    }
    let name = readable(dialect, &warehouse.space, &dialect.landed_table(table), in_view);
    let wanted = table.columns.iter().filter(|column| scope.has(column) && !table.lacks(column));
    let read: Vec<_> = wanted.map(|column| Read::new(table, column, dialect)).collect();
    let absent = match scope {
        Scope::All | Scope::Trait(_) => table.absent.as_slice(),
        Scope::Rows => &[],
    };
    let absent = absent.iter().filter(|column| scope.has(column)).map(null);
    if read.iter().all(Read::is_plain) {
        let absent: String = absent.map(|column| format!(", {column}")).collect();
        return match absent.is_empty() {
            true => name,
            false => format!("(SELECT landed.*{absent} FROM {name} AS landed)"),
        };
    }
    let address = dialect.facts.expressions.get("row_address");
    let address = address.filter(|_| scope == Scope::Rows && dialect.facts.can.address_rows);
    let address = address.map(|address| format!("landed.{address} AS {address}"));
    let columns = address.into_iter().chain(read.iter().map(Read::sql)).chain(absent);
    let columns: Vec<String> = columns.map(|column| format!("{BREAK}        {column}")).collect();
    format!(
        "({BREAK}    -- As it landed, under the project's names and types.{BREAK}    SELECT{}{BREAK}    FROM {name} AS landed{BREAK})",
        columns.join(",")
    )
}

/// A landed column as a query reads it.
struct Read {
    expression: String,
    /// The name that it has in the query.
    name: String,
}

impl Read {
    fn new(table: &LandedTable, column: &TableColumn, dialect: &Dialect) -> Self {
        let landed = dialect.identifier(&dialect.landed_column(column));
        let landed = format!("landed.{landed}");
        let reading = reading(table, column, dialect).1;
        let expression = reading.of(&landed).unwrap_or(landed);
        Self { expression, name: dialect.identifier(column.shown_name()) }
    }

    fn is_plain(&self) -> bool {
        self.expression.strip_prefix("landed.") == Some(&self.name)
    }

    fn sql(&self) -> String {
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
