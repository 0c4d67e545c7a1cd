//! One file for each subject: the schemas, the landed tables, each model. Its number says when it can run.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::body::{Body, Stage};
use super::context::{Column, MADE_BY, Refresh, Shared, Table};
use super::limits;
use super::statement::{Action, INVALID, ObjectRef, Statement, statements};
use super::template::Templates;
use super::trace;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::{BESIDE, Dialect, Library};
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
    /// What idgraph remembers between refreshes.
    State,
    /// A model.
    Model(Model),
    /// What runs the refresh by the clock.
    Schedule,
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
    /// Its statements, a unit for each object, in order.
    pub units: Vec<Unit>,
}

/// The statements that make one object and fill it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The object's schema, as the warehouse's catalog has it; empty when it is in none.
    pub schema: String,
    /// Its name; empty when the unit makes the schema itself.
    pub name: String,
    /// Where its text stands in the file's.
    pub text: Range<usize>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

impl File {
    /// All statements of the file, in order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.units.iter().flat_map(|unit| &unit.statements)
    }
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
    traced(|traced| attempt(warehouse, dialect, library, project_file, (false, traced)))
}

/// As [`render`], with incremental models built anew from all landed rows.
///
/// # Errors
/// As [`render`].
pub fn render_full(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<Vec<File>> {
    traced(|traced| attempt(warehouse, dialect, library, project_file, (true, traced)))
}

/// Renders, and once more where the SQL is invalid: then each line says which template it comes from.
fn traced(attempt: impl Fn(bool) -> Result<Vec<File>>) -> Result<Vec<File>> {
    attempt(false).or_else(|error| {
        let is_invalid = error.iter().any(|one| one.code() == INVALID);
        if is_invalid { attempt(true) } else { Err(error) }
    })
}

/// Renders; `traced`, to say of invalid SQL which template it comes from.
fn attempt(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
    (full, traced): (bool, bool),
) -> Result<Vec<File>> {
    let shared = Shared::new(warehouse, dialect, false);
    let shared_in_view = Shared::new(warehouse, dialect, true);
    let templates = Templates::new(library, dialect, &shared, traced)?;
    let renderer = Renderer {
        warehouse,
        dialect,
        library,
        view_templates: &templates.clone().sharing(&shared_in_view),
        templates: &templates,
        full,
        project_file,
    };
    let mut files = vec![renderer.schema()?, renderer.landed()?];
    files.extend(renderer.watermarks()?);
    let mut models: Vec<Model> = warehouse.models.iter().map(|table| table.model).collect();
    models.dedup();
    for model in models {
        files.push(renderer.model(model)?);
    }
    number(&mut files);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files.extend(renderer.schedule(&files)?);
    Ok(files)
}

/// The statements that add columns to a table of ours.
///
/// # Errors
/// As [`render`].
pub fn add_columns(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    (table, columns): (&ModelTable, &[&TableColumn]),
) -> Result<Vec<Statement>> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let shared = Shared::new(warehouse, dialect, false);
    let templates = Templates::new(library, dialect, &shared, false)?;
    let table = Table::model(warehouse, table, dialect);
    let mut added = Vec::new();
    for column in columns {
        let column = Column::new(column, dialect);
        let values = context! { table => Serde(&table), column => Serde(column) };
        let text = templates.render("add_column.sql", values)?;
        added.extend(statements(&Source::new("add_column.sql", text), dialect)?);
    }
    Ok(added)
}

struct Renderer<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    library: &'a Library,
    templates: &'a Templates<'a>,
    /// As `templates`, for what stands inside a view.
    view_templates: &'a Templates<'a>,
    /// Incremental models are built in full.
    full: bool,
    project_file: &'a str,
}

impl Renderer<'_> {
    fn schema(&self) -> Result<File> {
        let nowhere = String::new();
        let mut parts = Vec::new();
        let mut schemas = vec![&self.warehouse.space, &self.warehouse.models_schema];
        schemas.dedup();
        for name in schemas {
            let schema = self.dialect.schema(name);
            parts.push((name, "", self.templates.render("schema.sql", context! { schema })?));
        }
        if self.templates.has("extension.sql") {
            let text = self.templates.render("extension.sql", context! {})?;
            parts.push((&nowhere, "extensions", text));
        }
        self.file("schema", Subject::Schema, "Where everything lives.", parts)
    }

    fn landed(&self) -> Result<File> {
        let schema = self.dialect.schema(&self.warehouse.space);
        let mut parts = Vec::new();
        for (index, landed) in self.warehouse.landed.iter().enumerate() {
            let table = Table::landed(self.warehouse, landed, self.dialect);
            let values =
                context! { schema => &schema, table => Serde(table), is_first => index == 0 };
            let text = self.templates.render("landed_table.sql", values)?;
            parts.push((&self.warehouse.space, landed.name.as_str(), text));
        }
        let about = "The tables that Segment lands, for a warehouse that does not have them yet.";
        self.file("landed_tables", Subject::Landed, about, parts)
    }

    fn watermarks(&self) -> Result<Option<File>> {
        let Some(state) = &self.warehouse.watermarks else { return Ok(None) };
        let schema = self.dialect.schema(&self.warehouse.models_schema);
        let table = Table::state(self.warehouse, state, self.dialect);
        let values = context! { schema, table => Serde(table) };
        let text = self.templates.render("create.sql", values)?;
        let about = format!("{}.", state.comment);
        let parts = vec![(&self.warehouse.models_schema, state.name.as_str(), text)];
        self.file("watermarks", Subject::State, &about, parts).map(Some)
    }

    /// What runs the refresh by the clock, where the project asks for it and the warehouse can: behind all other files.
    fn schedule(&self, files: &[File]) -> Result<Option<File>> {
        let Some(schedule) = self.warehouse.schedule.as_ref().filter(|_| !self.full) else {
            return Ok(None);
        };
        let is_refreshed = |unit: &&Unit| {
            let mut models = self.warehouse.models.iter();
            models.any(|table| table.name == unit.name && !table.materialized.is_query())
        };
        let models = files.iter().filter(|file| matches!(file.subject, Subject::Model(_)));
        let units = models.flat_map(|file| &file.units).filter(is_refreshed);
        let statements: Vec<String> = units
            .flat_map(|unit| unit.statements.iter().map(move |statement| (unit, statement)))
            .filter(|(unit, one)| one.action != Action::Attend && !one.makes_table(&unit.name))
            .map(|(_, statement)| statement.sql.clone())
            .collect();
        if statements.is_empty() || !self.dialect.facts.can.schedule {
            return Ok(None);
        }
        let (models_schema, name) = (&self.warehouse.models_schema, "idgraph_refresh");
        let values = context! {
            name => self.dialect.qualified(models_schema, name),
            comment => self.dialect.literal(&format!("Refreshes the models of {}. {MADE_BY}", self.warehouse.space)),
            warehouse => schedule.warehouse.as_ref().map(|name| self.dialect.identifier(name)),
            schedule => Serde(schedule),
            space => &self.warehouse.space,
            statements,
        };
        let text = self.templates.render("schedule.sql", values)?;
        let about = "The refresh of the models by the clock.";
        let parts = vec![(models_schema, name, text)];
        let mut file = self.file("schedule", Subject::Schedule, about, parts)?;
        let level = |file: &File| file.name.split('_').next()?.parse::<usize>().ok();
        let last = files.iter().filter_map(level).max().unwrap_or_default();
        file.name = format!("{}_{}.sql", last + 10, file.name);
        Ok(Some(file))
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
            let schema = &self.warehouse.models_schema;
            parts.push((schema, table.name.as_str(), self.materialized(table)?));
        }
        self.file(model.name(), Subject::Model(model), &about, parts)
    }

    fn materialized(&self, model: &ModelTable) -> Result<String> {
        let (template, templates) = match model.materialized {
            Materialization::View => ("view.sql", self.view_templates),
            Materialization::Table => ("table.sql", self.templates),
            Materialization::Incremental if self.full => ("table.sql", self.templates),
            Materialization::Incremental => ("incremental.sql", self.templates),
            Materialization::DynamicTable => ("dynamic_table.sql", self.view_templates),
        };
        let schema = &self.warehouse.models_schema;
        let is_incremental = model.materialized == Materialization::Incremental;
        let refresh = is_incremental.then(|| Refresh::new(self.warehouse, model, self.dialect));
        let only = refresh.as_ref().filter(|_| !self.full).map(|refresh| refresh.affected.as_str());
        let body = Body::new(self.warehouse, self.dialect, templates, model, only, Stage::Build)?;
        let keeps_order = model.materialized == Materialization::View
            && !model.order.is_empty()
            && !self.dialect.facts.can.views_change_columns;
        let query = if keeps_order { self.in_order(model, &body.query)? } else { body.query };
        let values = Materialize {
            schema: self.dialect.schema(schema),
            table: Table::model(self.warehouse, model, self.dialect),
            query: &query,
            steps: &body.steps,
            stepped: body.stepped.as_ref(),
            built: self.dialect.work_table(schema, &model.name, "built"),
            beside: BESIDE
                .map(|which| (which, Beside::new(self.dialect, (schema, &model.name), which)))
                .into(),
            is_incremental,
            is_new: model.is_new,
            full: self.full,
            refresh,
        };
        templates.render(template, values)
    }

    /// A view's query with its columns in the order in which the database has them, new ones behind them.
    fn in_order(&self, model: &ModelTable, query: &str) -> Result<String> {
        let name = |column: &&TableColumn| self.dialect.identifier(&column.name);
        let columns: Vec<_> = model.columns_in_order().iter().map(name).collect();
        let values = context! { query => query.trim_end(), columns };
        self.view_templates.render("in_order.sql", values)
    }

    fn file(
        &self,
        name: &str,
        subject: Subject,
        about: &str,
        parts: Vec<(&String, &str, String)>,
    ) -> Result<File> {
        let values = context! { about, marker => MARKER, project_file => self.project_file };
        let mut text = self.templates.render("header.sql", values)?;
        let mut units = Vec::new();
        for (schema, table, part) in parts {
            let (part, origins) = trace::read(&part);
            text.push('\n');
            let span = text.len()..text.len() + part.len();
            text.push_str(&part);
            let source = Source::new(format!("{}/{name}.sql", self.dialect.name), part);
            let statements =
                statements(&source, self.dialect).map_err(|error| self.origin(error, &origins))?;
            if let Some(problem) = limits::too_long(&source, &statements, self.dialect) {
                return Err(problem.into());
            }
            let (schema, name) = (schema.clone(), table.to_owned());
            units.push(Unit { schema, name, text: span, statements });
        }
        Ok(File { name: name.to_owned(), subject, text, units })
    }
}

impl Renderer<'_> {
    /// Adds to messages about rendered SQL the line of the template that it comes from, where that is known.
    fn origin(&self, error: Diagnostics, origins: &[Option<(String, usize)>]) -> Diagnostics {
        let place_in_template = |diagnostic: &Diagnostic| {
            let place = diagnostic.place()?;
            let line = trace::line_of(&place.source, place.span.start);
            let (template, number) = origins.get(line)?.as_ref()?;
            let source = self.library.source(template).ok()??;
            let span = source.line(*number);
            Some(Place { source, span })
        };
        let with_template = |diagnostic: Diagnostic| match place_in_template(&diagnostic) {
            Some(place) => diagnostic.and_at(&place, "rendered from this line"),
            None => diagnostic,
        };
        error.into_iter().map(with_template).collect()
    }
}

#[derive(Serialize)]
struct Materialize<'a> {
    schema: String,
    table: Table,
    query: &'a str,
    steps: &'a str,
    /// The work tables that the steps make, by what they hold.
    stepped: Option<&'a BTreeMap<String, String>>,
    built: String,
    /// Tables that stand beside the model's for a while.
    beside: BTreeMap<&'static str, Beside>,
    is_incremental: bool,
    is_new: bool,
    full: bool,
    #[serde(flatten)]
    refresh: Option<Refresh>,
}

/// A table that takes the place of a model's, or made room for it.
#[derive(Serialize)]
struct Beside {
    /// Schema and name as SQL.
    name: String,
    /// The name alone as SQL.
    bare: String,
}

impl Beside {
    fn new(dialect: &Dialect, (schema, model): (&str, &str), which: &str) -> Self {
        let name = dialect.beside(model, which);
        Self { name: dialect.qualified(schema, &name), bare: dialect.identifier(&name) }
    }
}

/// Puts a number before each file's name: ten more than the highest among the files it reads from.
fn number(files: &mut [File]) {
    let makers: HashMap<ObjectRef, usize> = files
        .iter()
        .enumerate()
        .flat_map(|(index, file)| {
            let made = file.statements().filter(|statement| statement.action.makes());
            let made = made.filter_map(|statement| statement.target.clone());
            made.map(move |object| (object, index))
        })
        .collect();
    let needs: Vec<Vec<usize>> = files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let reads = file.statements().flat_map(|statement| &statement.reads);
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
