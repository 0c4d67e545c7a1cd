//! One file for each subject: the schemas, the landed tables, each model. Its number says when it can run.

use std::collections::HashMap;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::context::{Column, Relation, Shared, Table};
use super::statement::{ObjectRef, Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::{Materialization, Model};
use crate::warehouse::{ModelTable, TableColumn, Warehouse};

/// How a rendered file begins, after the line that says what it is about: idgraph touches no other file.
pub const MARKER: &str = "Rendered by idgraph";

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The schemas, and what the statements need besides.
    Schema,
    /// The landed tables.
    Landed,
    /// A model.
    Model(Model),
}

/// A rendered file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, `20_id_graph.sql`: a file only reads what files of lower numbers make.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// Its whole text.
    pub text: String,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// The SQL of a warehouse for one dialect, in the order of running.
///
/// # Errors
/// When a template is wrong, or what it renders is not the dialect's SQL.
pub fn render(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<Vec<File>> {
    let shared = Shared::new(warehouse, dialect);
    let templates = Templates::new(library, dialect, &shared)?;
    let renderer = Renderer { warehouse, dialect, templates: &templates, project_file };
    let mut files = vec![renderer.schema()?, renderer.landed()?];
    let mut models: Vec<Model> = warehouse.models.iter().map(|table| table.model).collect();
    models.dedup();
    for model in models {
        files.push(renderer.model(model)?);
    }
    number(&mut files);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

/// The statement that adds a column to a table of ours.
///
/// # Errors
/// As [`render`].
pub fn add_column(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    (table, column): (&ModelTable, &TableColumn),
) -> Result<Vec<Statement>> {
    let templates = Templates::new(library, dialect, &Shared::new(warehouse, dialect))?;
    let table = Table::model(warehouse, table, dialect);
    let column = Column::new(column, dialect);
    let text = templates
        .render("add_column.sql", context! { table => Serde(table), column => Serde(column) })?;
    statements(&Source::new("add_column.sql", text), dialect)
}

struct Renderer<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    templates: &'a Templates<'a>,
    project_file: &'a str,
}

impl Renderer<'_> {
    fn schema(&self) -> Result<File> {
        let mut parts = Vec::new();
        let mut schemas = vec![&self.warehouse.space, &self.warehouse.models_schema];
        schemas.dedup();
        for schema in schemas {
            let schema = self.dialect.identifier(schema);
            parts.push(self.templates.render("schema.sql", context! { schema })?);
        }
        if self.templates.has("extension.sql") {
            parts.push(self.templates.render("extension.sql", context! {})?);
        }
        self.file("schema", Subject::Schema, "Where everything lives.", &parts)
    }

    fn landed(&self) -> Result<File> {
        let schema = self.dialect.identifier(&self.warehouse.space);
        let mut parts = Vec::new();
        for (index, table) in self.warehouse.landed.iter().enumerate() {
            let table = Table::landed(self.warehouse, table, self.dialect);
            let values =
                context! { schema => &schema, table => Serde(table), is_first => index == 0 };
            parts.push(self.templates.render("landed_table.sql", values)?);
        }
        let about = "The tables that Segment lands, for a warehouse that does not have them yet.";
        self.file("landed_tables", Subject::Landed, about, &parts)
    }

    fn model(&self, model: Model) -> Result<File> {
        let tables = self.warehouse.models.iter().filter(|table| table.model == model);
        let mut parts = Vec::new();
        let mut about = String::new();
        for table in tables {
            about = match model {
                Model::ResolvedEvents => {
                    "Every event with the profile that it belongs to now.".to_owned()
                }
                _ => format!("{}.", table.comment),
            };
            parts.push(self.materialized(table)?);
        }
        self.file(model.name(), Subject::Model(model), &about, &parts)
    }

    fn materialized(&self, model: &ModelTable) -> Result<String> {
        let reads = model
            .reads
            .as_ref()
            .and_then(|name| self.warehouse.landed_table(name))
            .map(|table| Relation::new(self.warehouse, table, self.dialect));
        let query = format!("query/{}.sql", model.model.name());
        let query = self.templates.render(&query, context! { reads => Serde(reads) })?;
        let template = match model.materialized {
            Materialization::View => "view.sql",
            Materialization::Table => "table.sql",
        };
        let values = Materialize {
            schema: self.dialect.identifier(&self.warehouse.models_schema),
            table: Table::model(self.warehouse, model, self.dialect),
            query: query.trim_end(),
            built: self.dialect.identifier(&self.dialect.derived_name(&[&model.name, "built"])),
        };
        self.templates.render(template, values)
    }

    fn file(&self, name: &str, subject: Subject, about: &str, parts: &[String]) -> Result<File> {
        let values = context! { about, marker => MARKER, project_file => self.project_file };
        let header = self.templates.render("header.sql", values)?;
        let mut text = header;
        for part in parts {
            text.push('\n');
            text.push_str(part);
        }
        let source = Source::new(format!("{}/{name}.sql", self.dialect.name), text);
        let statements = statements(&source, self.dialect)?;
        Ok(File { name: name.to_owned(), subject, text: source.text.clone(), statements })
    }
}

#[derive(Serialize)]
struct Materialize<'a> {
    schema: String,
    table: Table,
    query: &'a str,
    built: String,
}

/// Puts a number before each file's name: ten more than the highest among the files it reads from.
fn number(files: &mut [File]) {
    let makers: HashMap<ObjectRef, usize> = files
        .iter()
        .enumerate()
        .flat_map(|(index, file)| {
            let made = file.statements.iter().filter_map(|statement| statement.target.clone());
            made.map(move |object| (object, index))
        })
        .collect();
    let needs: Vec<Vec<usize>> = files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let reads = file.statements.iter().flat_map(|statement| &statement.reads);
            let mut needs: Vec<usize> = reads
                .filter_map(|read| makers.get(read).copied())
                .filter(|need| *need != index)
                .collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect();
    // Every table needs its schema, whatever its statements say.
    let mut levels: Vec<usize> =
        files.iter().map(|file| usize::from(file.subject != Subject::Schema)).collect();
    // Templates cannot read in circles for longer than there are files.
    for _ in 0..files.len() {
        for (index, needs) in needs.iter().enumerate() {
            let above = needs.iter().filter_map(|need| levels.get(*need)).max();
            if let (Some(above), Some(level)) = (above.copied(), levels.get_mut(index)) {
                *level = (*level).max(above + 1);
            }
        }
    }
    for (file, level) in files.iter_mut().zip(levels) {
        file.name = format!("{level}0_{}.sql", file.name);
    }
}
