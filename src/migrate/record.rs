//! From a warehouse to its record, and back.

use std::collections::{BTreeSet, HashMap};

use sqlparser::ast;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::schema::{Column, Index, Kind, ModelRecord, Object, Schema, Settings};
use super::sum::checksum;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::project::{LogicalType, NullMeans};
use crate::render::{Action, File, Statement, Subject, Unit, render_full};
use crate::warehouse::{
    ColumnFacts, LandedTable, ModelTable, Parts, TableColumn, Warehouse, is_essential,
    recorded_column,
};

/// Records what a project's warehouse holds.
///
/// What a column of the project's does not change, which is all but the columns themselves, is read from the bare
/// warehouse: so a new column is no new meaning.
///
/// # Errors
/// When something cannot be rendered.
pub fn record(warehouse: &Warehouse, dialect: &Dialect, library: &Library) -> Result<Schema> {
    let warehouse = &*dialect.lands(warehouse);
    let files = render_full(&warehouse.bare(), dialect, library, "")?;
    let units = Units::of(&files);
    let readable = readable(warehouse);
    let mut objects = Vec::new();
    for table in &warehouse.landed {
        let columns = table.columns.iter().map(|one| column(one, dialect)).collect();
        objects.push(Object {
            kind: Kind::Landed,
            name: table.name.clone(),
            comment: table.comment.clone(),
            model: None,
            indexes: Vec::new(),
            columns,
        });
    }
    if let Some(state) = &warehouse.watermarks {
        objects.push(Object {
            kind: Kind::State,
            name: state.name.clone(),
            comment: state.comment.clone(),
            model: None,
            indexes: Vec::new(),
            columns: state.columns.iter().map(|one| column(one, dialect)).collect(),
        });
    }
    for table in &warehouse.models {
        let unit = units.find(&table.name);
        objects.push(Object {
            kind: Kind::Model,
            name: table.name.clone(),
            comment: table.comment.clone(),
            model: Some(ModelRecord {
                name: table.model,
                materialized: table.materialized,
                shows: table.reads.clone(),
                not_landed: warehouse.read_by(table).map_or(Vec::new(), not_landed),
                meaning: unit.map(|unit| meaning(warehouse, unit, dialect)).unwrap_or_default(),
                description: description(table),
                reads: unit.map(|unit| reads(&readable, table, unit)).unwrap_or_default(),
            }),
            indexes: unit.map(|unit| indexes(unit, dialect)).unwrap_or_default(),
            columns: table.columns_in_order().into_iter().map(|one| column(one, dialect)).collect(),
        });
    }
    let settings = Settings {
        traits_from: warehouse.traits_from.to_owned(),
        null_means: match warehouse.null_means {
            NullMeans::Unknown => "unknown".to_owned(),
            NullMeans::Unset => "unset".to_owned(),
        },
        removals: warehouse.removals,
        load_time: warehouse.load_time.to_owned(),
        dynamic_tables: warehouse.dynamic_tables.clone(),
    };
    let mut schema = Schema::new((&warehouse.space, &warehouse.models_schema), settings, objects);
    schema.catalog.clone_from(&dialect.catalog);
    Ok(schema)
}

/// The columns of a landed table that have not landed.
fn not_landed(table: &LandedTable) -> Vec<String> {
    let absent = table.columns.iter().filter(|column| !table.has_landed(column));
    absent.map(|column| column.name.clone()).collect()
}

/// The warehouse of a record.
pub fn warehouse(schema: &Schema) -> Warehouse {
    let mut warehouse = all(schema);
    for model in schema.objects.iter().filter_map(|object| object.model.as_ref()) {
        let shown = warehouse.landed.iter_mut().find(|one| Some(&one.name) == model.shows.as_ref());
        let Some(table) = shown else { continue };
        let is_absent = |column: &&TableColumn| model.not_landed.contains(&column.name);
        table.absent = table.columns.iter().filter(is_absent).cloned().collect();
        // A table that has landed has those without which it says nothing.
        table.is_missing = table.absent.iter().any(|column| is_essential(&column.name));
    }
    warehouse
}

fn all(schema: &Schema) -> Warehouse {
    let of = |kind| schema.objects.iter().filter(move |one| one.kind == kind);
    let settings = &schema.settings;
    Warehouse::recorded(Parts {
        schemas: (schema.space.clone(), schema.models_schema.clone()),
        landed: of(Kind::Landed)
            .map(|table| (table.name.clone(), table.comment.clone(), columns(table)))
            .collect(),
        models: of(Kind::Model)
            .filter_map(|table| {
                let model = table.model.as_ref()?;
                let (name, comment) = (table.name.clone(), table.comment.clone());
                Some((
                    model.name,
                    model.materialized,
                    name,
                    comment,
                    columns(table),
                    model.shows.clone(),
                ))
            })
            .collect(),
        traits_from: settings.traits_from.clone(),
        null_unsets: settings.null_means == "unset",
        removals: settings.removals,
        load_time: settings.load_time.clone(),
        dynamic_tables: settings.dynamic_tables.clone(),
    })
}

/// The statements about each object of rendered files.
#[derive(Default)]
pub(super) struct Units<'a> {
    /// What makes the schemas.
    pub(super) schemas: Vec<&'a Statement>,
    built: HashMap<&'a str, &'a Unit>,
}

impl<'a> Units<'a> {
    /// Those of these files.
    pub(super) fn of(files: &'a [File]) -> Self {
        let is_built = |file: &&File| matches!(file.subject, Subject::State | Subject::Model(_));
        let built = files.iter().filter(is_built).flat_map(|file| &file.units);
        let schemas = files.iter().filter(|file| file.subject == Subject::Schema);
        Self {
            schemas: schemas.flat_map(File::statements).collect(),
            built: built.map(|unit| (unit.name.as_str(), unit)).collect(),
        }
    }

    /// Those about one object of ours.
    pub(super) fn find(&self, name: &str) -> Option<&'a Unit> {
        self.built.get(name).copied()
    }
}

/// A recorded column as the warehouse has it.
pub(super) fn table_column(column: &Column) -> TableColumn {
    let facts = recorded_column(&column.name, column.logical_type, &column.comment);
    let place = facts.place.clone().filter(|_| column.configured);
    let (shown_as, renamed_from) = (column.shown_as.clone(), column.renamed_from.clone());
    ColumnFacts { place, shown_as, renamed_from, ..facts }.into()
}

/// A column of a landed table that the project configures.
pub(super) fn landed_column(name: &str, logical_type: LogicalType) -> TableColumn {
    recorded_column(name, logical_type, "").into()
}

fn columns(object: &Object) -> Vec<TableColumn> {
    object.columns.iter().map(table_column).collect()
}

fn column(column: &TableColumn, dialect: &Dialect) -> Column {
    Column {
        name: column.name.clone(),
        shown_as: column.shown_as.clone(),
        renamed_from: column.renamed_from.clone(),
        logical_type: column.logical_type,
        sql: dialect.sql_type(column.logical_type).to_owned(),
        comment: column.comment.clone(),
        configured: column.place.is_some(),
    }
}

/// Whether the statements that fill an object are the same but for comments and blanks; those that shape and describe it
/// aside.
pub fn same_code(one: &Unit, other: &Unit, dialect: &Dialect) -> bool {
    code(None, one, dialect) == code(None, other, dialect)
}

/// The hash of what a model's SQL means.
fn meaning(warehouse: &Warehouse, unit: &Unit, dialect: &Dialect) -> String {
    let state = warehouse.watermarks.as_ref().map(|table| table.name.as_str());
    checksum(&code(state, unit, dialect))
}

/// The code of the statements about an object's rows, those about the table `state` left out.
fn code(state: Option<&str>, unit: &Unit, dialect: &Dialect) -> String {
    let about_rows = |statement: &&Statement| {
        let target = statement.target.as_ref();
        let is_state = target.is_some_and(|target| Some(target.name.as_str()) == state);
        let shapes = matches!(
            statement.action,
            Action::CreateSchema | Action::Attend | Action::Begin | Action::Commit
        );
        // A work table is part of the meaning.
        !is_state && !shapes && !statement.is_about_made() && !statement.makes_table(&unit.name)
    };
    let parser = dialect.parser();
    let mut text = String::new();
    for statement in unit.statements.iter().filter(about_rows) {
        let tokens = Tokenizer::new(parser.as_ref(), &statement.sql).tokenize().unwrap_or_default();
        let code = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
        for token in code {
            text.push_str(&token.to_string());
            text.push('\n');
        }
    }
    text
}

/// The hash of a model's comments, those of configured columns left out.
fn description(table: &ModelTable) -> String {
    let mut text = table.comment.clone();
    // Of resolved events, the landed table's columns are that table's to describe.
    let own = if table.reads.is_some() { 1 } else { table.columns.len() };
    for column in table.columns.iter().take(own).filter(|column| column.place.is_none()) {
        text.push_str(&format!("\n{}: {}", column.name, column.comment));
    }
    checksum(&text)
}

/// What there is to read, in the order of building: by name as statements have it, the schema and the name.
type Readable<'a> = HashMap<String, Vec<(usize, &'a str, &'a str)>>;

fn readable(warehouse: &Warehouse) -> Readable<'_> {
    let landed = warehouse.landed.iter().map(|one| (warehouse.space.as_str(), one.name.as_str()));
    let models = &warehouse.models;
    let models = models.iter().map(|one| (warehouse.models_schema.as_str(), one.name.as_str()));
    let mut all = Readable::new();
    for (place, (schema, name)) in landed.chain(models).enumerate() {
        all.entry(name.to_lowercase()).or_default().push((place, schema, name));
    }
    all
}

/// The tables and views that the statements about a model read, as `schema.table`.
fn reads(readable: &Readable<'_>, table: &ModelTable, unit: &Unit) -> Vec<String> {
    let all = unit.statements.iter().flat_map(|statement| &statement.reads);
    let names: BTreeSet<&str> = all.map(|read| read.name.as_str()).collect();
    let read = names.into_iter().filter_map(|name| readable.get(name)).flatten();
    let read: BTreeSet<_> = read.filter(|(_, _, name)| *name != table.name).collect();
    read.into_iter().map(|(_, schema, name)| format!("{schema}.{name}")).collect()
}

fn indexes(unit: &Unit, dialect: &Dialect) -> Vec<Index> {
    let parser = dialect.parser();
    let attending = unit.statements.iter().filter(|one| one.action == Action::Attend);
    let mut indexes = Vec::new();
    for statement in attending {
        let parsed = Parser::parse_sql(parser.as_ref(), &statement.sql).unwrap_or_default();
        for one in parsed {
            if let ast::Statement::CreateIndex(index) = one {
                let name =
                    index.name.as_ref().and_then(|name| name.0.last()).map(ToString::to_string);
                let sql = ast::Statement::CreateIndex(index).to_string();
                indexes.extend(name.map(|name| Index { name, sql }));
            }
        }
    }
    indexes
}
