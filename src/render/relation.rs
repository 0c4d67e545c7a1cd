//! Landed tables as queries read them: under the names and types of the project, with NULL for a column that has not landed,
//! without rows where the table has not.

use std::collections::BTreeMap;

use minijinja::value::Value;
use serde::Serialize;

use super::context::Column;
use super::landed::{Read, laid_out};
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

/// What is read beside one trait.
const BESIDE_TRAIT: [&str; 6] = ["id", "segment_id", "seq", "received_at", "uuid_ts", "timestamp"];

/// What of a landed table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// What models read, NULL where it has not landed.
    All,
    /// What has landed, and the row's address where the dialect has one.
    Rows,
    /// One trait and what tells which row of it is the latest: of many traits, each is read by a query of its own.
    Trait(&'a str),
}

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
            name: landed_relation(warehouse, table, dialect, in_view, Scope::Rows),
            table: dialect.qualified(&warehouse.space, &dialect.landed_table(table)),
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
    scope: Scope<'_>,
) -> String {
    let place = (dialect, in_view);
    match scope {
        Scope::Rows if !table.is_missing => rows(&warehouse.space, table, place),
        Scope::Rows => relation(&warehouse.space, table, place, |_| true),
        Scope::Trait(name) => relation(&warehouse.space, table, place, |column| {
            match column.place.is_some() {
                true => column.shown_name() == name,
                false => BESIDE_TRAIT.contains(&column.name.as_str()),
            }
        }),
        Scope::All => {
            let traits = match table.name == warehouse.traits_from {
                true => warehouse.traits(),
                false => &[],
            };
            relation(&warehouse.space, table, place, |column| match column.place {
                None => READ.contains(&column.name.as_str()) || LATER.contains(&column.name.as_str()),
                Some(_) => traits.iter().any(|one| one.name == column.shown_name()),
            })
        }
    }
}

/// A landed table of a schema, as a statement reads it that was written where more had landed.
pub(super) fn relation_without(
    schema: &str,
    table: &LandedTable,
    (dialect, in_view): (&Dialect, bool),
    is_read: impl Fn(&TableColumn) -> bool,
) -> String {
    let columns = if table.is_missing { &table.columns } else { &table.absent };
    let columns: Vec<_> = columns.iter().filter(|column| is_read(column)).collect();
    if table.is_missing {
        return without_rows(&columns, dialect);
    }
    let name = readable(dialect, schema, &dialect.landed_table(table), in_view);
    let absent: String =
        columns.into_iter().map(|column| format!(", {}", null(column, dialect))).collect();
    match absent.is_empty() {
        true => name,
        false => format!("(SELECT landed.*{absent} FROM {name} AS landed)"),
    }
}

/// A table that has not landed.
fn without_rows(columns: &[&TableColumn], dialect: &Dialect) -> String {
    let columns: Vec<_> = columns.iter().map(|column| null(column, dialect)).collect();
    // Not every warehouse takes a WHERE without a FROM.
    let nothing = "FROM (SELECT 1 AS one) AS landed WHERE 1 = 0";
    match columns.is_empty() {
        true => format!("(SELECT landed.one {nothing})"),
        false => format!("(SELECT {} {nothing})", columns.join(", ")),
    }
}

/// A column that has not landed.
fn null(column: &TableColumn, dialect: &Dialect) -> String {
    let sql_type = dialect.sql_type(column.logical_type);
    format!("CAST(NULL AS {sql_type}) AS {}", dialect.identifier(column.shown_name()))
}

/// A landed table of a schema, as one reads it who reads these of its columns.
fn relation(
    schema: &str,
    table: &LandedTable,
    (dialect, in_view): (&Dialect, bool),
    is_read: impl Fn(&TableColumn) -> bool,
) -> String {
    if table.is_missing {
        let columns: Vec<_> = table.columns.iter().filter(|column| is_read(column)).collect();
        return without_rows(&columns, dialect);
    }
    let name = readable(dialect, schema, &dialect.landed_table(table), in_view);
    let (there, absent): (Vec<&TableColumn>, Vec<&TableColumn>) =
        table.columns.iter().filter(|column| is_read(column)).partition(|one| table.has_trait(one));
    let read: Vec<_> = there.iter().map(|one| Read::renamed(table, one, dialect)).collect();
    if absent.is_empty() && read.iter().all(Read::is_plain) {
        return name;
    }
    // Each by its name: what lands later must not stand beside what stands for it here.
    laid_out(read.iter().map(Read::sql).chain(absent.into_iter().map(|one| null(one, dialect))), &name)
}

/// The rows of a landed table with all that has landed, and their addresses.
fn rows(schema: &str, table: &LandedTable, (dialect, in_view): (&Dialect, bool)) -> String {
    let name = readable(dialect, schema, &dialect.landed_table(table), in_view);
    let wanted = table.columns.iter().filter(|column| !table.lacks(column));
    let read: Vec<_> = wanted.map(|column| Read::new(table, column, dialect)).collect();
    if read.iter().all(Read::is_plain) {
        return name;
    }
    let address = match dialect.facts.can.address_rows {
        true => dialect.row_address(),
        false => Vec::new(),
    };
    let address = address.into_iter().map(|column| format!("landed.{column}"));
    laid_out(address.chain(read.iter().map(Read::sql)), &name)
}

/// A landed table as one reads it who reads nothing but when rows were loaded.
pub(super) fn loads(warehouse: &Warehouse, table: &LandedTable, dialect: &Dialect) -> String {
    let is_read = |column: &TableColumn| column.place.is_none() && column.name == warehouse.load_time;
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
