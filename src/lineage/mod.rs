//! Where tables and columns come from, read off the SQL itself.
//!
//! A table comes from what the statements that fill it read. A column comes from the columns that its value is computed
//! from; what only filters, joins or orders is not counted. Where the SQL does not tell, the whole row does.

mod columns;
mod draw;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use draw::{dot, json, mermaid, text};

use crate::diagnostic::{Diagnostic, Result, meant};
use crate::dialect::Dialect;
use crate::render::File;
use crate::warehouse::Warehouse;

/// A column of a table: `acme.id_graph`, `segment_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ColumnRef {
    /// Schema and table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// A column, and the columns that its value is computed from.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnLineage {
    /// Its name.
    pub name: String,
    /// Where its value comes from; `None` where the SQL does not tell, so that any column read may count.
    pub from: Option<BTreeSet<ColumnRef>>,
}

/// A table or view, and what it is filled from.
#[derive(Debug, Clone, Serialize)]
pub struct TableLineage {
    /// Schema and name.
    pub name: String,
    /// `landed` or `model`.
    pub kind: &'static str,
    /// The tables that it reads.
    pub reads: BTreeSet<String>,
    /// Its columns.
    pub columns: Vec<ColumnLineage>,
}

/// The tables of a project in the order of the warehouse: landed ones first.
#[derive(Debug, Clone, Serialize)]
pub struct Lineage {
    /// The dialect whose SQL was read.
    pub dialect: String,
    /// The tables.
    pub tables: Vec<TableLineage>,
    /// Whether it is about a column: then tables are there with their columns that matter only.
    #[serde(skip)]
    pub is_of_columns: bool,
}

impl Lineage {
    /// The lineage of a project, from its rendered files.
    pub fn of(warehouse: &Warehouse, dialect: &Dialect, files: &[File]) -> Self {
        let mut tables = Vec::new();
        let mut known = columns::Tables::new();
        for table in &warehouse.landed {
            let name = format!("{}.{}", warehouse.space, table.name);
            let names: Vec<String> = table.columns.iter().map(|one| one.name.clone()).collect();
            known.insert(name.to_lowercase(), (name.clone(), names.clone()));
            let columns = names
                .into_iter()
                .map(|name| ColumnLineage { name, from: Some(BTreeSet::new()) })
                .collect();
            tables.push(TableLineage { name, kind: "landed", reads: BTreeSet::new(), columns });
        }
        for table in &warehouse.models {
            let name = format!("{}.{}", warehouse.models_schema, table.name);
            let names = table.columns.iter().map(|one| one.name.clone()).collect();
            known.insert(name.to_lowercase(), (name, names));
        }
        let units: BTreeMap<(&str, &str), _> = files
            .iter()
            .flat_map(|file| &file.units)
            .map(|unit| ((unit.schema.as_str(), unit.name.as_str()), &unit.statements))
            .collect();
        for table in &warehouse.models {
            let name = format!("{}.{}", warehouse.models_schema, table.name);
            let statements = units.get(&(warehouse.models_schema.as_str(), table.name.as_str()));
            let statements = statements.map_or(&[][..], |statements| statements.as_slice());
            // A lock reads no rows.
            let reading = statements.iter().filter(|one| !one.code().starts_with("lock "));
            let reads = reading.flat_map(|statement| &statement.reads);
            let reads = reads.filter_map(|read| {
                let schema = read.schema.as_ref()?;
                known.get(&format!("{schema}.{}", read.name)).map(|(name, _)| name.clone())
            });
            let from = columns::of(statements, &name, &known, dialect);
            let columns = table.columns.iter().map(|column| ColumnLineage {
                from: from.get(&column.name).cloned().flatten(),
                name: column.name.clone(),
            });
            tables.push(TableLineage {
                reads: reads.filter(|read| *read != name).collect(),
                columns: columns.collect(),
                kind: "model",
                name,
            });
        }
        Self { dialect: dialect.name.clone(), tables, is_of_columns: false }
    }

    /// What a table or column is made from, and what is made from it. `name` is `TABLE`, `TABLE.COLUMN`, either with or
    /// without the schema, or `resolved_events` for all views of events.
    ///
    /// # Errors
    /// When there is no such thing.
    pub fn around(&self, name: &str) -> Result<Self> {
        let bare =
            |table: &TableLineage| table.name.rsplit('.').next().unwrap_or_default().to_owned();
        let is_named = |table: &TableLineage, name: &str| table.name == name || bare(table) == name;
        let is_event_view = |table: &TableLineage| {
            name == "resolved_events" && table.kind == "model" && table.name.ends_with("_resolved")
        };
        let found: BTreeSet<String> = self
            .tables
            .iter()
            .filter(|table| is_named(table, name) || is_event_view(table))
            .map(|table| table.name.clone())
            .collect();
        if !found.is_empty() {
            return Ok(self.around_tables(&found));
        }
        if let Some((table, column)) = name.rsplit_once('.')
            && let Some(found) = self.tables.iter().find(|one| is_named(one, table))
        {
            if found.columns.iter().any(|one| one.name == column) {
                let start = ColumnRef { table: found.name.clone(), column: column.to_owned() };
                return Ok(self.around_column(&start));
            }
            let names: Vec<&str> = found.columns.iter().map(|one| one.name.as_str()).collect();
            return Err(Diagnostic::error(
                "unknown-column",
                format!("`{}` has no column `{column}`", found.name),
            )
            .help(meant(column, &names))
            .into());
        }
        let names: Vec<String> = self.tables.iter().map(bare).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Err(Diagnostic::error("unknown-table", format!("the project has no table `{name}`"))
            .help(meant(name, &names))
            .into())
    }

    fn around_tables(&self, start: &BTreeSet<String>) -> Self {
        let reads = |name: &String| {
            let table = self.tables.iter().find(|table| table.name == *name);
            table.map(|table| table.reads.clone()).unwrap_or_default()
        };
        let readers = |name: &String| {
            let tables = self.tables.iter().filter(|table| table.reads.contains(name));
            tables.map(|table| table.name.clone()).collect()
        };
        let mut kept = closure(start, reads);
        kept.extend(closure(start, readers));
        let mut shown = self.clone();
        shown.tables.retain(|table| kept.contains(&table.name));
        for table in &mut shown.tables {
            table.reads.retain(|read| kept.contains(read));
        }
        shown
    }

    fn around_column(&self, start: &ColumnRef) -> Self {
        let start = BTreeSet::from([start.clone()]);
        let up =
            |one: &ColumnRef| self.column(one).and_then(|c| c.from.clone()).unwrap_or_default();
        let down = |one: &ColumnRef| {
            let all = self
                .tables
                .iter()
                .flat_map(|table| table.columns.iter().map(|column| (table.name.clone(), column)));
            all.filter(|(_, column)| column.from.as_ref().is_some_and(|from| from.contains(one)))
                .map(|(table, column)| ColumnRef { table, column: column.name.clone() })
                .collect()
        };
        let mut kept = closure(&start, up);
        kept.extend(closure(&start, down));
        let mut shown = Self { is_of_columns: true, ..self.clone() };
        for table in &mut shown.tables {
            let name = table.name.clone();
            table.columns.retain(|column| {
                kept.contains(&ColumnRef { table: name.clone(), column: column.name.clone() })
            });
            for from in table.columns.iter_mut().filter_map(|column| column.from.as_mut()) {
                from.retain(|one| kept.contains(one));
            }
        }
        shown.tables.retain(|table| !table.columns.is_empty());
        let left: BTreeSet<String> = shown.tables.iter().map(|table| table.name.clone()).collect();
        for table in &mut shown.tables {
            table.reads.retain(|read| left.contains(read));
        }
        shown
    }

    fn column(&self, one: &ColumnRef) -> Option<&ColumnLineage> {
        let table = self.tables.iter().find(|table| table.name == one.table)?;
        table.columns.iter().find(|column| column.name == one.column)
    }
}

/// Everything that can be reached.
fn closure<T: Ord + Clone>(start: &BTreeSet<T>, next: impl Fn(&T) -> BTreeSet<T>) -> BTreeSet<T> {
    let mut reached = start.clone();
    let mut open: Vec<T> = start.iter().cloned().collect();
    while let Some(one) = open.pop() {
        for other in next(&one) {
            if reached.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    reached
}
