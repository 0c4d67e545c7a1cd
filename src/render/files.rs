//! One file for each subject: the schema, each model. Its number says when it can run. The landed tables are Segment's: what makes
//! them for a sandbox is a file apart.

mod sandbox;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

pub use self::sandbox::{render_landed, render_landed_text};
use super::body::{Body, Form};
use super::context::{Beside, Shared, Table};
use super::draft::{Draft, Frame, Part, Reader, Reading};
use super::file::{File, Subject, Text};
use super::held::Held;
use super::incremental::Refresh;
use super::order::in_order_of_running;
use super::schedule;
use super::statement::INVALID;
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::{BESIDE, Dialect, Library};
use crate::parallel;
use crate::project::{Materialization, Model};
use crate::warehouse::{LandedTable, ModelTable, StateTable, TableColumn, Warehouse, state};

/// How a rendered file begins, after the line that says what it is about: idgraph touches no other file.
pub const MARKER: &str = "Rendered by idgraph";

/// With no more traits than this a rendering more takes longer than reading them.
const FEW: usize = 10;

/// What makes a model's table, where that is a transaction of its own.
const MAKE: &str = "make.sql";

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

/// The files' names and texts, for who only looks at them.
///
/// The statements of templates that came with idgraph are proved by its tests, so they are not read back: what a file reads, and
/// so its name, is seen at the first object of each. With many traits that object is large, so it is seen at a warehouse of a few
/// traits and no event of its own. Where the project has templates or facts of its own, every statement is read.
///
/// # Errors
/// As [`render`].
pub fn render_texts(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<Vec<Text>> {
    let whole = || {
        let files = render(warehouse, dialect, library, project_file)?;
        Ok(files.into_iter().map(Text::from).collect())
    };
    if library.has_own(&dialect.chain) {
        return whole();
    }
    let warehouse = &*dialect.lands(warehouse);
    let reader = Reader { dialect, library, reading: Reading::First, traced: false };
    if warehouse.traits().len() <= FEW {
        let templates =
            Templates::new(library, dialect, &Shared::new(warehouse, dialect, false), false)?;
        let files = drafts(warehouse, &templates, reader, project_file, false)?;
        return Ok(in_order_of_running(files).into_iter().map(Draft::into_text).collect());
    }
    let few = warehouse.with_events(&HashSet::new()).bare();
    let reader = Reader { reading: Reading::Least, ..reader };
    let templates = Templates::new(library, dialect, &Shared::new(&few, dialect, false), false)?;
    let named = in_order_of_running(drafts(&few, &templates, reader, project_file, false)?);
    let reader = Reader { reading: Reading::Nothing, ..reader };
    let templates = templates.clone().sharing(&Shared::new(warehouse, dialect, false));
    let mut drafts = drafts(warehouse, &templates, reader, project_file, false)?;
    let place = |subject| named.iter().position(|one| one.subject == subject);
    drafts.sort_by_key(|draft| place(draft.subject));
    if !drafts.iter().map(|draft| draft.subject).eq(named.iter().map(|draft| draft.subject)) {
        return whole();
    }
    for (draft, named) in drafts.iter_mut().zip(named) {
        draft.name = named.name;
    }
    Ok(drafts.into_iter().map(Draft::into_text).collect())
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
    let warehouse = &*dialect.lands(warehouse);
    let reader = Reader { dialect, library, reading: Reading::Whole, traced };
    let templates =
        Templates::new(library, dialect, &Shared::new(warehouse, dialect, false), traced)?;
    let drafts = drafts(warehouse, &templates, reader, project_file, full)?;
    in_order_of_running(drafts).into_iter().map(Draft::into_file).collect()
}

/// The files, not numbered yet.
fn drafts(
    warehouse: &Warehouse,
    templates: &Templates<'_>,
    reader: Reader<'_>,
    project_file: &str,
    full: bool,
) -> Result<Vec<Draft>> {
    let dialect = reader.dialect;
    let renderer = Renderer::new(warehouse, templates, reader, project_file, full);
    let mut drafts: Vec<Draft> = renderer.schema()?.into_iter().collect();
    drafts.extend(renderer.watermarks()?);
    let mut models: Vec<Model> = warehouse.models.iter().map(|table| table.model).collect();
    models.dedup();
    for model in models {
        drafts.push(renderer.model(model)?);
    }
    if !full && let Some(text) = schedule::text(warehouse, dialect, templates, &drafts)? {
        drafts.push(renderer.schedule(text)?);
    }
    Ok(drafts)
}

struct Renderer<'a> {
    warehouse: &'a Warehouse,
    landed: HashMap<&'a str, &'a LandedTable>,
    dialect: &'a Dialect,
    templates: &'a Templates<'a>,
    /// As `templates`, for what stands inside a view. Made after them, it has what they have compiled by then.
    view_templates: LazyLock<Templates<'a>, Box<dyn FnOnce() -> Templates<'a> + Send + 'a>>,
    /// Incremental models are built in full.
    full: bool,
    reader: Reader<'a>,
    project_file: &'a str,
}

impl<'a> Renderer<'a> {
    fn new(
        warehouse: &'a Warehouse,
        templates: &'a Templates<'a>,
        reader: Reader<'a>,
        project_file: &'a str,
        full: bool,
    ) -> Self {
        let dialect = reader.dialect;
        Self {
            warehouse,
            landed: warehouse.landed_by_name(),
            dialect,
            view_templates: LazyLock::new(Box::new(move || {
                templates.clone().sharing(&Shared::new(warehouse, dialect, true))
            })),
            templates,
            full,
            reader,
            project_file,
        }
    }

    /// What the models stand in: their schema, unless that is the space, which is there before them. `None` where they need nothing.
    fn schema(&self) -> Result<Option<Draft>> {
        let about = "What the models stand in.";
        let mut draft = self.begin("schema", Subject::Schema, about)?;
        if self.warehouse.models_schema != self.warehouse.space {
            draft.push(self.create_schema(&draft, &self.warehouse.models_schema)?);
        }
        if self.dialect.facts.can.record_objects {
            draft.push(self.state(&draft, &state::objects())?);
        }
        if self.templates.has("extension.sql") && !self.dialect.facts.extensions.is_empty() {
            let text = self.templates.render("extension.sql", context! {})?;
            draft.push(self.part(&draft, ("", "extensions"), text)?);
        }
        Ok((!draft.units.is_empty()).then_some(draft))
    }

    fn create_schema(&self, draft: &Draft, name: &str) -> Result<Part> {
        let schema = self.dialect.schema(name);
        let text = self.templates.render("schema.sql", context! { schema })?;
        self.part(draft, (name, ""), text)
    }

    fn watermarks(&self) -> Result<Option<Draft>> {
        let Some(state) = &self.warehouse.watermarks else { return Ok(None) };
        let about = format!("{}.", state.comment);
        let mut draft = self.begin("watermarks", Subject::State, &about)?;
        draft.push(self.state(&draft, state)?);
        Ok(Some(draft))
    }

    /// What makes a table of bookkeeping.
    fn state(&self, draft: &Draft, state: &StateTable) -> Result<Part> {
        let schema = self.dialect.schema(&self.warehouse.models_schema);
        let table = Table::state(self.warehouse, state, self.dialect);
        let text =
            self.templates.render("create.sql", context! { schema, table => Serde(table) })?;
        self.part(draft, (&self.warehouse.models_schema, &state.name), text)
    }

    fn model(&self, model: Model) -> Result<Draft> {
        let models = self.warehouse.models.iter();
        let tables: Vec<&ModelTable> = models.filter(|table| table.model == model).collect();
        let about = match (model, tables.last()) {
            (Model::ResolvedEvents, _) => {
                "Every event with the profile that it belongs to now.".to_owned()
            }
            (_, Some(table)) => format!("{}.", table.comment),
            (_, None) => String::new(),
        };
        let mut draft = self.begin(model.name(), Subject::Model(model), &about)?;
        let tables: Vec<_> = tables.into_iter().enumerate().collect();
        let part = |(index, table): &(usize, &ModelTable)| {
            // What the schedule runs is read off the files of the tables.
            let is_needed = self.reader.reads_at(*index)
                || (!self.full && schedule::refreshes(table, self.warehouse, self.dialect));
            let object = (self.warehouse.models_schema.as_str(), table.name.as_str());
            if !self.reader.needs(is_needed) {
                return Ok(Part::unseen(object));
            }
            self.materialized(table, (object, is_needed))
        };
        parallel::feed(&tables, part, |part| draft.push(part))?;
        Ok(draft)
    }

    fn schedule(&self, text: String) -> Result<Draft> {
        let about = "The refresh of the models by the clock.";
        let mut draft = self.begin("schedule", Subject::Schedule, about)?;
        draft.push(self.part(&draft, (&self.warehouse.models_schema, schedule::NAME), text)?);
        Ok(draft)
    }

    /// What makes an object.
    fn part(&self, draft: &Draft, object: (&str, &str), text: String) -> Result<Part> {
        let is_read = self.reader.reads_at(draft.units.len());
        self.reader.part(&draft.name, object, text, is_read)
    }

    /// What makes a model's table or view and fills it.
    fn materialized(
        &self,
        model: &ModelTable,
        (object, is_needed): ((&str, &str), bool),
    ) -> Result<Part> {
        let (template, templates) = match self.kept(model) {
            Materialization::View => ("view.sql", &*self.view_templates),
            Materialization::Table => ("table.sql", self.templates),
            Materialization::Incremental => ("incremental.sql", self.templates),
            Materialization::DynamicTable => ("dynamic_table.sql", &*self.view_templates),
        };
        let schema = &self.warehouse.models_schema;
        let is_incremental = model.materialized == Materialization::Incremental;
        let refresh = is_incremental.then(|| Refresh::new(self.warehouse, model, self.dialect));
        let only = refresh.as_ref().filter(|_| !self.full).map(|refresh| refresh.affected.as_str());
        let shown = model.reads.as_deref().and_then(|name| self.landed.get(name).copied());
        let (warehouse, dialect) = (self.warehouse, self.dialect);
        let table = Table::model(warehouse, model, dialect);
        let what = (model, &table, shown);
        let body = Body::new(warehouse, dialect, templates, what, only, Form::Built)?;
        let keeps_order = model.materialized == Materialization::View
            && !model.order.is_empty()
            && !self.dialect.facts.can.views_change_columns;
        let query = if keeps_order { self.in_order(model, &body.query)? } else { body.query };
        let values = Materialize {
            schema: self.dialect.schema(schema),
            table,
            query: &query,
            steps: &body.steps,
            stepped: body.stepped.as_ref(),
            built: self.dialect.work_table(schema, &model.name, "built"),
            fresh: self.dialect.work_table(schema, &model.name, "fresh"),
            beside: BESIDE
                .map(|which| (which, Beside::new(self.dialect, (schema, &model.name), which)))
                .into(),
            is_incremental,
            is_new: model.is_new,
            full: self.full,
            reads: Held::all_of(model, (warehouse, &self.landed), dialect),
            refresh,
        };
        let part = |template: &str| {
            let text = templates.render(template, &values)?;
            self.reader.part(model.model.name(), object, text, is_needed)
        };
        if !self.is_made_first(model) {
            return part(template);
        }
        let open = templates
            .render("open.sql", context! { locks => true, makes => true, filled => true })?;
        Ok(part(MAKE)?.then(open, part(template)?))
    }

    /// Whether a table is made before the transaction that fills it.
    fn is_made_first(&self, model: &ModelTable) -> bool {
        let is_table =
            matches!(model.materialized, Materialization::Table | Materialization::Incremental);
        is_table && self.templates.has(MAKE)
    }

    /// A view's query with its columns in the order in which the database has them, new ones behind them.
    fn in_order(&self, model: &ModelTable, query: &str) -> Result<String> {
        let name = |column: &&TableColumn| self.dialect.identifier(&column.name);
        let columns: Vec<_> = model.columns_in_order().iter().map(name).collect();
        let values = context! { query => query.trim_end(), columns };
        self.view_templates.render("in_order.sql", values)
    }

    /// A file with its header.
    fn begin(&self, name: &str, subject: Subject, about: &str) -> Result<Draft> {
        let (filled, kept) = match subject {
            Subject::Model(model) => {
                let table = self.warehouse.models.iter().rfind(|table| table.model == model);
                (Some(model.name()), table.map(|table| self.kept(table)))
            }
            _ => (None, None),
        };
        let values = context! {
            about, marker => MARKER, project_file => self.project_file, filled, kept => Serde(kept)
        };
        let header = self.templates.render("header.sql", values)?;
        let locks = matches!(subject, Subject::Model(_) | Subject::State);
        let mut models = self.warehouse.models.iter();
        let makes =
            models.any(|table| Subject::Model(table.model) == subject && self.is_made_first(table));
        let frame = Frame {
            open: self.templates.render("open.sql", context! { locks, makes, filled => false })?,
            close: self.templates.render("close.sql", context! {})?,
        };
        Ok(Draft::new(name, subject, header, frame, self.reader.reading))
    }

    /// How a model is filled by this rendering.
    fn kept(&self, model: &ModelTable) -> Materialization {
        match model.materialized {
            Materialization::Incremental if self.full => Materialization::Table,
            kept => kept,
        }
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
    /// The work table for those of its rows that the table lacks.
    fresh: String,
    /// Tables that stand beside the model's for a while.
    beside: BTreeMap<&'static str, Beside>,
    is_incremental: bool,
    is_new: bool,
    full: bool,
    /// The landed tables that it is filled from.
    reads: Vec<Held>,
    #[serde(flatten)]
    refresh: Option<Refresh>,
}
