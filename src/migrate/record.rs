//! From a warehouse to its record, and back.

use std::collections::{BTreeSet, HashMap};

use sqlparser::ast;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::schema::{Column, Index, Kind, ModelRecord, Object, Schema, Settings};
use super::sum::checksum;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::project::NullMeans;
use crate::render::{Action, File, Statement, Subject, Unit, render_full};
use crate::warehouse::{ModelTable, Parts, TableColumn, Warehouse, recorded_column};

/// A warehouse, the statements that make it, and its record.
pub struct Recorded {
    /// The rendered files, each model in full.
    pub files: Vec<File>,
    /// The record.
    pub schema: Schema,
}

/// Records what a project's warehouse holds.
///
/// # Errors
/// When something cannot be rendered.
pub fn record(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<Recorded> {
    let files = render_full(warehouse, dialect, library, project_file)?;
    let meanings = meanings(warehouse, dialect, library)?;
    let indexes = |is_landed: bool, name: &str| {
        unit(&files, is_landed, name).map_or(Vec::new(), |unit| indexes(unit, dialect))
    };
    let mut objects = Vec::new();
    for table in &warehouse.landed {
        let columns = table.columns.iter().map(|one| column(one, dialect)).collect();
        objects.push(Object {
            kind: Kind::Landed,
            name: table.name.clone(),
            comment: table.comment.clone(),
            unused: false,
            model: None,
            indexes: indexes(true, &table.name),
            columns,
        });
    }
    if let Some(state) = &warehouse.watermarks {
        objects.push(Object {
            kind: Kind::State,
            name: state.name.clone(),
            comment: state.comment.clone(),
            unused: false,
            model: None,
            indexes: Vec::new(),
            columns: state.columns.iter().map(|one| column(one, dialect)).collect(),
        });
    }
    for table in &warehouse.models {
        let reads = unit(&files, false, &table.name).map(|unit| reads(warehouse, table, unit));
        objects.push(Object {
            kind: Kind::Model,
            name: table.name.clone(),
            comment: table.comment.clone(),
            unused: false,
            model: Some(ModelRecord {
                name: table.model,
                materialized: table.materialized,
                shows: table.reads.clone(),
                meaning: meanings.get(&table.name).cloned().unwrap_or_default(),
                description: description(table),
                reads: reads.unwrap_or_default(),
            }),
            indexes: indexes(false, &table.name),
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
    let schema = Schema::new((&warehouse.space, &warehouse.models_schema), settings, objects);
    Ok(Recorded { files, schema })
}

/// The warehouse of a record.
pub(super) fn warehouse(schema: &Schema) -> Warehouse {
    let of = |kind| schema.objects.iter().filter(move |one| one.kind == kind && !one.unused);
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

/// The statements about one object.
pub(super) fn unit<'a>(files: &'a [File], is_landed: bool, name: &str) -> Option<&'a Unit> {
    let mut files = files.iter().filter(|file| match file.subject {
        Subject::Schema | Subject::Schedule => false,
        Subject::Landed => is_landed,
        Subject::State | Subject::Model(_) => !is_landed,
    });
    files.find_map(|file| file.units.iter().find(|unit| unit.name == name))
}

/// A recorded column as the warehouse has it.
pub(super) fn table_column(column: &Column) -> TableColumn {
    let configured = recorded_column(&column.name, column.logical_type, &column.comment);
    if column.configured { configured } else { TableColumn { place: None, ..configured } }
}

fn columns(object: &Object) -> Vec<TableColumn> {
    object.columns.iter().filter(|column| !column.unused).map(table_column).collect()
}

fn column(column: &TableColumn, dialect: &Dialect) -> Column {
    Column {
        name: column.name.clone(),
        logical_type: column.logical_type,
        sql: dialect.sql_type(column.logical_type).to_owned(),
        comment: column.comment.clone(),
        configured: column.place.is_some(),
        unused: false,
    }
}

/// For each model, the hash of what its SQL means: of the bare warehouse, so that a new column is no new meaning.
fn meanings(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
) -> Result<HashMap<String, String>> {
    let files = render_full(&warehouse.bare(), dialect, library, "")?;
    let models = files.iter().filter(|file| matches!(file.subject, Subject::Model(_)));
    let units = models.flat_map(|file| &file.units);
    Ok(units.map(|unit| (unit.name.clone(), meaning(warehouse, unit, dialect))).collect())
}

/// Whether the statements that fill an object are the same but for comments and blanks; those that shape and describe it
/// aside.
pub fn same_code(one: &Unit, other: &Unit, dialect: &Dialect) -> bool {
    code(None, one, dialect) == code(None, other, dialect)
}

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
        !is_state && !shapes && !statement.makes_table(&unit.name)
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

/// The tables and views that the statements about a model read, as `schema.table`.
fn reads(warehouse: &Warehouse, table: &ModelTable, unit: &Unit) -> Vec<String> {
    let all = unit.statements.iter().flat_map(|statement| &statement.reads);
    let read: BTreeSet<&str> = all.map(|read| read.name.as_str()).collect();
    let is_read = |name: &str| name != table.name && read.contains(name.to_lowercase().as_str());
    let landed = warehouse.landed.iter().filter(|one| is_read(&one.name));
    let landed = landed.map(|one| format!("{}.{}", warehouse.space, one.name));
    let models = warehouse.models.iter().filter(|one| is_read(&one.name));
    let models = models.map(|one| format!("{}.{}", warehouse.models_schema, one.name));
    landed.chain(models).collect()
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
