//! What templates see: names quoted, types resolved, texts as literals. Structure is theirs, decisions are made here.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Serde, Value};
use serde::Serialize;

use super::landed::reading;
use super::marks::Mark;
use super::relation::{
    Relation, all_later, landed_name, landed_relation, readable, trait_relation,
};
use crate::dialect::{Capabilities, Dialect, Reading};
use crate::project::{DynamicTables, LogicalType, NullMeans};
use crate::warehouse::{
    ColumnFacts, LandedTable, ModelTable, StateTable, TableColumn, Warehouse, state,
};

/// What every template sees.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Shared {
    /// Landed tables by name, as queries read them.
    landed: BTreeMap<String, String>,
    /// Their names as SQL.
    landed_tables: BTreeMap<String, String>,
    /// Models by what the project file calls them, as SQL.
    models: BTreeMap<String, String>,
    /// For each landed table, the columns that order its rows in time.
    later: BTreeMap<String, Value>,
    traits: Value,
    /// Those of them whose columns have landed: the others have not been read.
    landed_traits: Value,
    /// What is noted of those, see [`Mark`],
    landed_marks: Value,
    /// and of all traits where that is not the name of both columns.
    other_marks: Value,
    absent_traits: Value,
    traits_from: Option<Relation>,
    /// The same table, for questions to the catalog.
    traits_table: Table,
    /// SQL types by logical name.
    types: BTreeMap<String, String>,
    /// Column names that no table of the project has.
    recency: String,
    snapshot: Snapshot,
    gone: String,
    /// What no column's name begins with: for variables, which a column of the same name would hide.
    variable: String,
    load_time: String,
    /// The column of that name where it stands alone: the word of a type.
    timestamp: String,
    lookback: u64,
    null_means: &'static str,
    removals: bool,
    /// The table of watermarks as SQL; `None` when no model is incremental.
    watermarks: Option<String>,
    /// The record of what idgraph made as SQL; `None` where the dialect keeps none.
    objects: Option<String>,
    /// How dynamic tables are refreshed, the compute's name as SQL; `None` when no model is one.
    dynamic_tables: Option<DynamicTables>,
    /// The most SELECTs of a statement; `None` without a limit.
    max_selects: Option<usize>,
    /// The most levels of a recursion; `None` without a limit.
    max_levels: Option<usize>,
    made_by: &'static str,
    /// The catalog that names begin with; `None` for the session's.
    catalog: Option<String>,
    can: Capabilities,
}

/// What is known of the snapshots of one profile, as columns beside its traits.
#[derive(Debug, Clone, Serialize)]
struct Snapshot {
    /// How many there are.
    count: String,
    /// When the latest was taken.
    taken_at: String,
}

/// A column as templates see it. There are many, so a list of them is one value, which shares them with other lists.
#[derive(Debug)]
pub(super) struct Column {
    name: Value,
    literal: Value,
    /// Whether the landed table that a query reads it from lacks it.
    is_absent: bool,
    /// Of a trait: the landed table as a query reads it for that trait alone.
    read_from: Value,
    /// Whether it may land as text of another type than the dialect's own.
    is_cast: bool,
    sql_type: Value,
    logical_type: LogicalType,
    comment: Value,
}

impl Object for Column {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "name" => Some(self.name.clone()),
            "literal" => Some(self.literal.clone()),
            "type" => Some(self.sql_type.clone()),
            "logical_type" => Some(Value::from(Serde(self.logical_type))),
            "is_text" => Some((self.logical_type == LogicalType::Varchar).into()),
            "is_absent" => Some(self.is_absent.into()),
            "read_from" => Some(self.read_from.clone()),
            "is_cast" => Some(self.is_cast.into()),
            "comment" => Some(self.comment.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "name",
            "literal",
            "type",
            "logical_type",
            "is_text",
            "is_absent",
            "read_from",
            "is_cast",
            "comment",
        ])
    }
}

#[derive(Debug, Clone, Serialize)]
struct Lookup {
    column: String,
    index: String,
}

/// A table or view that a statement makes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Table {
    /// Schema and name as SQL.
    name: String,
    /// The schema and the name alone as SQL.
    schema: String,
    bare: String,
    /// The schema and the name as texts, for questions to the catalog.
    schema_literal: String,
    literal: String,
    /// The same as the catalog writes them.
    schema_in_catalog: String,
    in_catalog: String,
    comment: String,
    columns: Value,
    key: Vec<String>,
    /// The key that the warehouse watches over, where it can; only bookkeeping has one.
    primary_key: Vec<String>,
    /// The columns that are not part of the key.
    values: Value,
    /// The columns that the project configures: it may have gained some since the table was made.
    configured: Value,
    lookups: Vec<Lookup>,
    /// The name of an index by load time.
    load_time_index: String,
    /// Schema and name of a procedure that adds columns, as SQL.
    add_columns: String,
    /// The longest column name, in characters.
    width: usize,
    /// The longest type, in characters.
    type_width: usize,
}

impl Shared {
    /// `in_view`: for the text of a view.
    pub(super) fn new(warehouse: &Warehouse, dialect: &Dialect, in_view: bool) -> Self {
        let landed = &warehouse.landed;
        let source = warehouse.landed_table(warehouse.traits_from);
        let traits = |landed: bool| -> Value {
            let those = warehouse.traits().iter();
            let those =
                those.filter(|one| source.is_some_and(|table| table.has_trait(one)) == landed);
            those.map(|column| Column::value(column, dialect)).collect()
        };
        let (landed_marks, other_marks) = Mark::of(warehouse, dialect);
        Self {
            landed: landed
                .iter()
                .map(|table| {
                    (table.name.clone(), landed_relation(warehouse, table, dialect, in_view))
                })
                .collect(),
            landed_tables: landed
                .iter()
                .map(|table| (table.name.clone(), landed_name(warehouse, table, dialect)))
                .collect(),
            models: warehouse
                .models
                .iter()
                .map(|table| {
                    let name = match table.reads {
                        Some(_) => table.name.clone(),
                        None => table.model.name().to_owned(),
                    };
                    (name, readable(dialect, &warehouse.models_schema, &table.name, in_view))
                })
                .collect(),
            later: all_later(landed, dialect),
            traits: all_traits(warehouse, dialect, in_view),
            landed_traits: traits(true),
            landed_marks,
            other_marks,
            absent_traits: traits(false),
            traits_from: source.map(|table| {
                let columns = list(&columns(&table.columns, dialect));
                let relation = Relation::new(warehouse, (table, columns), dialect, in_view);
                relation.called(landed_relation(warehouse, table, dialect, in_view))
            }),
            traits_table: Table::named(dialect, &warehouse.space, warehouse.traits_from),
            types: dialect
                .facts
                .types
                .iter()
                .map(|(logical, sql)| (format!("{logical:?}").to_lowercase(), sql.clone()))
                .collect(),
            recency: free_name(warehouse, "recency"),
            snapshot: Snapshot {
                count: free_name(warehouse, "snapshots"),
                taken_at: free_name(warehouse, "taken_at"),
            },
            gone: free_name(warehouse, "is_gone"),
            variable: free_beginning(warehouse, "window_"),
            load_time: dialect.identifier(warehouse.load_time),
            timestamp: dialect.identifier("timestamp"),
            lookback: warehouse.lookback,
            null_means: match warehouse.null_means {
                NullMeans::Unknown => "unknown",
                NullMeans::Unset => "unset",
            },
            removals: warehouse.removals,
            watermarks: warehouse
                .watermarks
                .as_ref()
                .map(|table| dialect.qualified(&warehouse.models_schema, &table.name)),
            objects: dialect
                .facts
                .can
                .record_objects
                .then(|| dialect.qualified(&warehouse.models_schema, state::OBJECTS)),
            dynamic_tables: warehouse.dynamic_tables.as_ref().map(|tables| DynamicTables {
                warehouse: dialect.identifier(&tables.warehouse),
                ..tables.clone()
            }),
            max_selects: Some(dialect.facts.statements.max_selects).filter(|most| *most > 0),
            max_levels: Some(dialect.facts.recursion.max_levels).filter(|most| *most > 0),
            made_by: MADE_BY,
            catalog: dialect.catalog.as_ref().map(|name| dialect.identifier(name)),
            can: dialect.facts.can.clone(),
        }
    }

    /// The same, with another table in a model's place.
    #[must_use]
    pub(super) fn with_model(mut self, model: &str, table: String) -> Self {
        self.models.insert(model.to_owned(), table);
        self
    }
}

/// What stands inside every table and view of ours, so that apply knows them again.
pub const MADE_BY: &str = "Built by idgraph.";

impl Table {
    pub(super) fn landed(warehouse: &Warehouse, table: &LandedTable, dialect: &Dialect) -> Self {
        let name = dialect.landed_table(table);
        let parts = (warehouse.space.as_str(), name.as_str());
        let comment = format!("{}.", table.comment);
        let as_landed = |column: &TableColumn| {
            let facts = ColumnFacts { name: dialect.landed_column(column), ..(**column).clone() };
            TableColumn::from(facts)
        };
        let columns: Vec<_> = table.columns.iter().map(as_landed).collect();
        Self::new(dialect, parts, &comment, &columns, &[], table.lookups)
    }

    pub(super) fn model(warehouse: &Warehouse, table: &ModelTable, dialect: &Dialect) -> Self {
        let parts = (warehouse.models_schema.as_str(), table.name.as_str());
        let comment = format!("{}. {MADE_BY}", table.comment);
        Self::new(dialect, parts, &comment, &table.columns, table.key, table.lookups)
    }

    pub(super) fn state(warehouse: &Warehouse, table: &StateTable, dialect: &Dialect) -> Self {
        let parts = (warehouse.models_schema.as_str(), table.name.as_str());
        let comment = format!("{}. {MADE_BY}", table.comment);
        let key: Vec<_> = table.key.iter().map(|column| dialect.identifier(column)).collect();
        Self {
            primary_key: key,
            ..Self::new(dialect, parts, &comment, &table.columns, table.key, &[])
        }
    }

    /// One of which the name alone matters.
    pub(super) fn named(dialect: &Dialect, schema: &str, name: &str) -> Self {
        Self::new(dialect, (schema, name), "", &[], &[], &[])
    }

    fn new(
        dialect: &Dialect,
        (schema, name): (&str, &str),
        comment: &str,
        all: &[TableColumn],
        key: &[&str],
        lookups: &[&str],
    ) -> Self {
        let columns = columns(all, dialect);
        let those = |wanted: &dyn Fn(&TableColumn) -> bool| {
            let pairs = all.iter().zip(&columns).filter(|(column, _)| wanted(column));
            list(pairs.map(|(_, column)| column))
        };
        let width = |field: fn(&Column) -> &Value| {
            let widths = columns.iter().map(|column| width(field(column)));
            widths.max().unwrap_or_default()
        };
        Self {
            name: dialect.qualified(schema, name),
            schema: dialect.identifier(schema),
            bare: dialect.identifier(name),
            schema_literal: dialect.literal(schema),
            literal: dialect.literal(name),
            schema_in_catalog: dialect.literal(&dialect.in_catalog(schema)),
            in_catalog: dialect.literal(&dialect.in_catalog(name)),
            comment: dialect.literal(comment),
            key: key.iter().map(|column| dialect.identifier(column)).collect(),
            primary_key: Vec::new(),
            values: those(&|column| !key.contains(&column.name.as_str())),
            configured: those(&|column| column.place.is_some()),
            lookups: lookups
                .iter()
                .map(|column| Lookup {
                    column: dialect.identifier(column),
                    index: dialect.identifier(&dialect.derived_name(&[name, column, "idx"])),
                })
                .collect(),
            load_time_index: dialect.identifier(&dialect.derived_name(&[name, "load_time", "idx"])),
            add_columns: dialect.qualified(schema, &dialect.derived_name(&[name, "add_columns"])),
            width: width(|column| &column.name),
            type_width: width(|column| &column.sql_type),
            columns: list(&columns),
        }
    }

    /// Its columns but the first, as one value.
    pub(super) fn behind_first(&self) -> Value {
        self.columns.try_iter().into_iter().flatten().skip(1).collect()
    }
}

/// A table that takes the place of a model's, or made room for it.
#[derive(Serialize)]
pub(super) struct Beside {
    /// Schema and name as SQL.
    name: String,
    /// The name alone as SQL.
    bare: String,
}

impl Beside {
    pub(super) fn new(dialect: &Dialect, (schema, model): (&str, &str), which: &str) -> Self {
        let name = dialect.beside(model, which);
        Self { name: dialect.qualified(schema, &name), bare: dialect.identifier(&name) }
    }
}

impl Column {
    /// A column as one value.
    pub(super) fn value(column: &TableColumn, dialect: &Dialect) -> Value {
        Value::from_dyn_object(Self::new(column, dialect))
    }

    /// A column as a query reads it from a landed table.
    pub(super) fn landed(column: &TableColumn, table: &LandedTable, dialect: &Dialect) -> Value {
        let is_absent = table.lacks(column);
        let ours = dialect.sql_type(column.logical_type);
        let (found, reading) = reading(table, column, dialect);
        // Of what nobody knows the type may be any that texts have.
        let is_cast = column.logical_type == LogicalType::Varchar
            && !dialect.facts.can.views_change_columns
            && reading == Reading::AsIs
            && found.is_none_or(|found| {
                !found.eq_ignore_ascii_case(ours)
                    && dialect.logical_type(found) == Some(LogicalType::Varchar)
            });
        let bare = Self::bare(column, dialect);
        Value::from_dyn_object(Arc::new(Self { is_absent, is_cast, ..bare }))
    }

    fn new(column: &TableColumn, dialect: &Dialect) -> Arc<Self> {
        Arc::new(Self::bare(column, dialect))
    }

    fn bare(column: &TableColumn, dialect: &Dialect) -> Self {
        Self {
            name: dialect.written(&column.name).into(),
            literal: dialect.literal(&column.name).into(),
            sql_type: dialect.sql_type(column.logical_type).into(),
            logical_type: column.logical_type,
            comment: dialect.literal(&column.comment).into(),
            is_absent: false,
            read_from: Value::UNDEFINED,
            is_cast: false,
        }
    }
}

/// The length of a text in characters.
fn width(text: &Value) -> usize {
    text.as_str().map_or(0, |text| text.chars().count())
}

fn columns(columns: &[TableColumn], dialect: &Dialect) -> Vec<Arc<Column>> {
    columns.iter().map(|column| Column::new(column, dialect)).collect()
}

/// The traits, each with the landed table as a query reads it for that trait alone.
fn all_traits(warehouse: &Warehouse, dialect: &Dialect, in_view: bool) -> Value {
    let Some(table) = warehouse.landed_table(warehouse.traits_from) else {
        return list(&columns(warehouse.traits(), dialect));
    };
    let whole = landed_relation(warehouse, table, dialect, in_view);
    let is_plain = !whole.starts_with('(');
    let whole = Value::from(whole);
    let of = |column: &TableColumn| {
        let read_from = match is_plain {
            true => whole.clone(),
            false => trait_relation(warehouse, table, (dialect, in_view), &column.name).into(),
        };
        Value::from_dyn_object(Arc::new(Column { read_from, ..Column::bare(column, dialect) }))
    };
    warehouse.traits().iter().map(of).collect()
}

/// Columns as one value.
fn list<'a>(columns: impl IntoIterator<Item = &'a Arc<Column>>) -> Value {
    columns.into_iter().cloned().map(Value::from_dyn_object).collect()
}

/// A name, made longer until it is no column of the project's.
pub(super) fn free_name(warehouse: &Warehouse, name: &str) -> String {
    longer_until_free(warehouse, name, str::eq)
}

/// The beginning of a name, made longer until no column of the project's begins so.
fn free_beginning(warehouse: &Warehouse, beginning: &str) -> String {
    longer_until_free(warehouse, beginning, |name, beginning| name.starts_with(beginning))
}

fn longer_until_free(
    warehouse: &Warehouse,
    name: &str,
    is_taken: fn(&str, &str) -> bool,
) -> String {
    let taken = |name: &str| {
        let landed = warehouse.landed.iter().flat_map(|table| &table.columns);
        landed.chain(warehouse.traits()).any(|column| is_taken(&column.name, name))
    };
    let mut name = name.to_owned();
    while taken(&name) {
        name.push('_');
    }
    name
}
