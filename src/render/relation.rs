//! Landed tables as queries read them: with NULL for a column that has not landed, without rows where the table has not.

use std::collections::BTreeMap;

use minijinja::value::Value;
use serde::Serialize;

use super::context::Column;
use super::landed::{Read, subquery};
use crate::dialect::Dialect;
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// The columns that put landed rows in order of time, most significant first; a table may lack some.
const LATER: [&str; 4] = ["timestamp", "seq", "uuid_ts", "id"];

/// What decides between rows that tie on all of [`LATER`].
const CARRIED: [&str; 2] = ["canonical_segment_id", "segment_id"];

/// What models read of landed tables besides traits and [`LATER`].
const READ: [&str; 7] = [
    "segment_id",
    "canonical_segment_id",
    "external_id_type",
    "external_id_value",
    "external_id_hash",
    "__operation",
    "received_at",
];

/// The longest list of columns that stands on one line, in bytes.
const LONG: usize = 80;

/// A landed table that a query reads.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Relation {
    /// It as a query reads it,
    name: String,
    /// and its own name as SQL.
    table: String,
    columns: Value,
    later: Value,
    has_seq: bool,
    /// Whether it has the id by which a row that landed twice is known.
    has_id: bool,
    /// Whether it has not landed.
    is_missing: bool,
}

impl Relation {
    /// The same, read under another name.
    pub(super) fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// A landed table, and those of its columns that are read.
    pub(super) fn new(
        warehouse: &Warehouse,
        (table, columns): (&LandedTable, Value),
        dialect: &Dialect,
        in_view: bool,
    ) -> Self {
        // A trait of that name is none.
        let has = |name: &str| {
            let mut named = table.columns.iter().filter(|column| column.name == name);
            named.any(|column| column.place.is_none() && !table.lacks(column))
        };
        Self {
            name: row_relation(warehouse, table, dialect, in_view),
            table: landed_name(warehouse, table, dialect),
            columns,
            later: later(table, dialect),
            has_seq: has("seq"),
            has_id: has("id"),
            is_missing: table.is_missing,
        }
    }
}

/// A landed table as a model's query reads it.
pub(super) fn landed_relation(
    warehouse: &Warehouse,
    table: &LandedTable,
    dialect: &Dialect,
    in_view: bool,
) -> String {
    let traits = match table.name == warehouse.traits_from {
        true => warehouse.traits(),
        false => &[],
    };
    let is_read = |column: &TableColumn| match column.place {
        None => is_own_read(column),
        Some(_) => traits.iter().any(|one| one.name == column.shown_name()),
    };
    relation(&warehouse.space, table, (dialect, in_view), is_read)
}

/// The table that traits are read from, for one of them: of many traits, each may be read by a query of its own.
pub(super) fn trait_relation(
    warehouse: &Warehouse,
    table: &LandedTable,
    (dialect, in_view): (&Dialect, bool),
    name: &str,
) -> String {
    let is_read = |column: &TableColumn| match column.place {
        None => is_own_read(column),
        Some(_) => column.shown_name() == name,
    };
    relation(&warehouse.space, table, (dialect, in_view), is_read)
}

/// Whether models read a column of Segment's own by that name.
pub(super) fn is_own_read(column: &TableColumn) -> bool {
    READ.contains(&column.name.as_str()) || LATER.contains(&column.name.as_str())
}

/// A landed table as one reads it who shows its rows: what has landed, and the row's address where the dialect has one.
fn row_relation(
    warehouse: &Warehouse,
    table: &LandedTable,
    dialect: &Dialect,
    in_view: bool,
) -> String {
    let name = readable(dialect, &warehouse.space, &dialect.landed_table(table), in_view);
    let there = table.columns.iter().filter(|column| !table.lacks(column));
    let read: Vec<Read> = there.map(|column| Read::new(table, column, dialect)).collect();
    if table.is_missing || read.iter().all(Read::is_plain) {
        return name;
    }
    let address = match dialect.facts.can.address_rows {
        true => dialect.row_address(),
        false => Vec::new(),
    };
    let address = address.into_iter().map(|column| format!("landed.{column}"));
    subquery(&name, address.chain(read.iter().map(Read::sql)))
}

/// A landed table of a schema, as one reads it who reads these of its columns.
pub(super) fn relation(
    schema: &str,
    table: &LandedTable,
    (dialect, in_view): (&Dialect, bool),
    is_read: impl Fn(&TableColumn) -> bool,
) -> String {
    if table.is_missing {
        return nothing(table, dialect, is_read, |column| column.shown_name());
    }
    let name = readable(dialect, schema, &dialect.landed_table(table), in_view);
    let absent = table.absent.iter().filter(|column| is_read(column) && !table.has_trait(column));
    let absent = absent.map(|column| null(column, column.shown_name(), dialect));
    let there = table.columns.iter().filter(|column| is_read(column) && table.has_trait(column));
    let read: Vec<Read> = there.map(|column| Read::renamed(table, column, dialect)).collect();
    if !read.iter().all(Read::is_plain) {
        return subquery(&name, read.iter().map(Read::sql).chain(absent));
    }
    let absent: Vec<String> = absent.collect();
    // On one line as long as that can be read.
    if absent.iter().map(String::len).sum::<usize>() > LONG {
        return subquery(&name, std::iter::once("landed.*".to_owned()).chain(absent));
    }
    with_absent(name, absent.into_iter())
}

/// A landed table of a schema under its own names and types, for SQL that has been written already.
pub(super) fn as_it_is(
    schema: &str,
    table: &LandedTable,
    (dialect, in_view): (&Dialect, bool),
    is_read: impl Fn(&TableColumn) -> bool,
) -> String {
    if table.is_missing {
        return nothing(table, dialect, is_read, |column| &column.name);
    }
    let name = readable(dialect, schema, &dialect.landed_table(table), in_view);
    let absent = table.absent.iter().filter(|column| is_read(column));
    with_absent(name, absent.map(|column| null(column, &column.name, dialect)))
}

/// NULL in the place of a column.
fn null(column: &TableColumn, name: &str, dialect: &Dialect) -> String {
    let sql_type = dialect.sql_type(column.logical_type);
    format!("CAST(NULL AS {sql_type}) AS {}", dialect.identifier(name))
}

/// A table with more columns.
fn with_absent(name: String, absent: impl Iterator<Item = String>) -> String {
    let absent: String = absent.map(|column| format!(", {column}")).collect();
    match absent.is_empty() {
        true => name,
        false => format!("(SELECT landed.*{absent} FROM {name} AS landed)"),
    }
}

/// No rows of a table that has not landed.
fn nothing(
    table: &LandedTable,
    dialect: &Dialect,
    is_read: impl Fn(&TableColumn) -> bool,
    named: impl Fn(&TableColumn) -> &str,
) -> String {
    let columns = table.columns.iter().filter(|column| is_read(column));
    let columns: Vec<_> = columns.map(|column| null(column, named(column), dialect)).collect();
    // Not every warehouse takes a WHERE without a FROM.
    let nothing = "FROM (SELECT 1 AS one) AS landed WHERE 1 = 0";
    match columns.is_empty() {
        true => format!("(SELECT landed.one {nothing})"),
        false => format!("(SELECT {} {nothing})", columns.join(", ")),
    }
}

/// A landed table's name as SQL.
pub(super) fn landed_name(warehouse: &Warehouse, table: &LandedTable, dialect: &Dialect) -> String {
    dialect.qualified(&warehouse.space, &dialect.landed_table(table))
}

/// A landed table as one reads it who reads nothing but when rows were loaded.
pub(super) fn loads(warehouse: &Warehouse, table: &LandedTable, dialect: &Dialect) -> String {
    let is_read =
        |column: &TableColumn| column.place.is_none() && column.name == warehouse.load_time;
    relation(&warehouse.space, table, (dialect, false), is_read)
}

/// A table as a query reads it. Where a view cannot leave its schema, names inside it have none.
pub(super) fn readable(dialect: &Dialect, schema: &str, table: &str, in_view: bool) -> String {
    if in_view && !dialect.facts.can.views_across_schemas {
        dialect.identifier(table)
    } else {
        dialect.qualified(schema, table)
    }
}

/// The columns that order a landed table's rows in time, ties included.
fn later(table: &LandedTable, dialect: &Dialect) -> Value {
    ordering(table).into_iter().map(|column| Column::value(column, dialect)).collect()
}

fn ordering(table: &LandedTable) -> Vec<&TableColumn> {
    let fixed = |name: &&str| {
        table
            .columns
            .iter()
            .find(|column| column.name == **name && column.place.is_none() && !table.lacks(column))
    };
    LATER.iter().chain(&CARRIED).filter_map(fixed).collect()
}

/// [`later`] of all landed tables. Those of events have the same columns, so one value.
pub(super) fn all_later(landed: &[LandedTable], dialect: &Dialect) -> BTreeMap<String, Value> {
    let mut known: Vec<(Vec<&TableColumn>, Value)> = Vec::new();
    let mut all = BTreeMap::new();
    for table in landed {
        let columns = ordering(table);
        let later = match known.iter().find(|(known, _)| *known == columns) {
            Some((_, later)) => later.clone(),
            None => {
                let later = later(table, dialect);
                known.push((columns, later.clone()));
                later
            }
        };
        all.insert(table.name.clone(), later);
    }
    all
}
