//! The statements with which idgraph notes its own work in a database: the ledger of migrations, the times of refreshes.

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Shared, Table};
use super::statement::{ObjectRef, Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::warehouse::{StateTable, Warehouse, state};

/// Renders them for one database.
pub struct Bookkeeping<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    templates: Templates<'a>,
    ledger: StateTable,
    refreshes: StateTable,
    objects: StateTable,
}

/// A row of the ledger that is about to be written.
#[derive(Debug, Clone, Copy)]
pub struct Noted<'a> {
    /// The migration's number.
    pub number: u32,
    /// Its name.
    pub name: &'a str,
    /// The checksum of its text.
    pub checksum: &'a str,
    /// How that is computed.
    pub algorithm: u32,
    /// How many statements it has.
    pub statements: usize,
    /// Whether it counts as applied without being run.
    pub is_baseline: bool,
}

impl<'a> Bookkeeping<'a> {
    /// For a warehouse of a dialect.
    ///
    /// # Errors
    /// When the dialect's templates are wrong.
    pub fn new(
        warehouse: &'a Warehouse,
        dialect: &'a Dialect,
        library: &'a Library,
    ) -> Result<Self> {
        let shared = Shared::new(warehouse, dialect, false);
        let templates = Templates::new(library, dialect, &shared, false)?;
        let (ledger, refreshes, objects) = (state::ledger(), state::refreshes(), state::objects());
        Ok(Self { warehouse, dialect, templates, ledger, refreshes, objects })
    }

    /// The schema that these tables are in.
    pub fn models_schema(&self) -> &str {
        &self.warehouse.models_schema
    }

    /// The table of migrations.
    pub fn ledger(&self) -> &StateTable {
        &self.ledger
    }

    /// The table of refreshes.
    pub fn refreshes(&self) -> &StateTable {
        &self.refreshes
    }

    /// The record of what idgraph made; `None` where the dialect keeps none.
    pub fn objects(&self) -> Option<&StateTable> {
        Some(&self.objects).filter(|_| self.dialect.facts.can.record_objects)
    }

    /// Makes the schema that these tables are in.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn schema(&self) -> Result<Vec<Statement>> {
        let schema = self.dialect.schema(&self.warehouse.models_schema);
        self.render("schema.sql", context! { schema })
    }

    /// Makes one of these tables.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn create(&self, table: &StateTable) -> Result<Vec<Statement>> {
        let schema = self.dialect.schema(&self.warehouse.models_schema);
        self.render("create.sql", context! { schema, table => self.table(table), is_new => false })
    }

    /// Notes that a migration begins, or that it counts as applied.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn begin(&self, noted: &Noted<'_>) -> Result<Vec<Statement>> {
        let text = |text: &str| self.dialect.literal(text);
        let how = if noted.is_baseline { "baseline" } else { "applied" };
        let values = context! {
            table => self.table(&self.ledger),
            number => noted.number,
            name => text(noted.name),
            how => text(how),
            checksum => text(noted.checksum),
            algorithm => noted.algorithm,
            statements => noted.statements,
            version => text(env!("CARGO_PKG_VERSION")),
            is_finished => noted.is_baseline,
        };
        self.render("ledger/begin.sql", values)
    }

    /// Notes how far a migration is: statements done, rows written; why it stopped, when it did.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn progress(
        &self,
        number: u32,
        (done, rows): (usize, u64),
        is_finished: bool,
        error: Option<&str>,
    ) -> Result<Vec<Statement>> {
        let error = error.map_or_else(|| "NULL".to_owned(), |error| self.dialect.literal(error));
        let table = self.table(&self.ledger);
        self.render(
            "ledger/progress.sql",
            context! { table, number, done, rows, is_finished, error },
        )
    }

    /// Notes that a migration is not applied any more.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn forget(&self, number: u32) -> Result<Vec<Statement>> {
        self.render("ledger/forget.sql", context! { table => self.table(&self.ledger), number })
    }

    /// Notes that a model is up to date.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn refreshed(
        &self,
        (model, how): (&str, &str),
        (inserted, deleted): (u64, u64),
        (seconds, definition, deletions): (f64, Option<&str>, Option<&str>),
    ) -> Result<Vec<Statement>> {
        let or_null = |text: Option<&str>| {
            text.map_or_else(|| "NULL".to_owned(), |text| self.dialect.literal(text))
        };
        let (definition, deletions) = (or_null(definition), or_null(deletions));
        let (model, how) = (self.dialect.literal(model), self.dialect.literal(how));
        let seconds = format!("{seconds:.3}");
        let table = self.table(&self.refreshes);
        let values =
            context! { table, model, how, inserted, deleted, seconds, definition, deletions };
        self.render("ledger/refreshed.sql", values)
    }

    /// Asks for the load time of a landed table's newest row, and how many seconds ago that was.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn newest(&self, landed: &str) -> Result<Vec<Statement>> {
        let landed_table = self.dialect.qualified(&self.warehouse.space, landed);
        self.render("ledger/newest.sql", context! { landed_table })
    }

    /// Notes that idgraph made a table or view, as statements name it; nothing where the dialect keeps no record.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn made(&self, object: &ObjectRef) -> Result<Vec<Statement>> {
        let kept = self.objects().filter(|record| record.name != object.name);
        let (Some(_), Some(schema)) = (kept, &object.schema) else { return Ok(Vec::new()) };
        let (schema, name) = self.as_named(schema, &object.name);
        self.note_made(schema, name, false)
    }

    /// Ends what would fill a table or view of others, as statements name it; nothing where the dialect keeps no record.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn guard(&self, object: &ObjectRef) -> Result<Vec<Statement>> {
        let (Some(_), Some(schema)) = (self.objects(), &object.schema) else {
            return Ok(Vec::new());
        };
        let (schema, name) = self.as_named(schema, &object.name);
        let table = Serde(Table::named(self.dialect, schema, name));
        self.render("record/guard.sql", context! { table })
    }

    /// Notes that a table or view that others made is idgraph's from now on; `None` where that cannot be said of one
    /// that is there already.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn adopt(&self, name: &str) -> Result<Option<Vec<Statement>>> {
        let adopt = || self.note_made(&self.warehouse.models_schema, name, true);
        self.objects().map(|_| adopt()).transpose()
    }

    /// Asks which tables of a schema, `$1` and `$2`, have code of others; nothing where the dialect keeps no record.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn code_of_others(&self) -> Result<Vec<Statement>> {
        let ask = |_| self.render("record/code.sql", context! { asks => true });
        self.objects().map_or_else(|| Ok(Vec::new()), ask)
    }

    fn note_made(&self, schema: &str, name: &str, adopted: bool) -> Result<Vec<Statement>> {
        let table = Serde(Table::named(self.dialect, schema, name));
        self.render("record/made.sql", context! { table, adopted })
    }

    /// A schema and a name as the warehouse has them: statements are read in lower case.
    fn as_named<'n>(&'n self, schema: &'n str, name: &'n str) -> (&'n str, &'n str) {
        let (space, models) = (&self.warehouse.space, &self.warehouse.models_schema);
        let landed = self.warehouse.landed.iter().map(|table| (space, &table.name));
        let built = self.warehouse.models.iter().map(|table| (models, &table.name));
        let is_it = |(in_schema, named): &(&String, &String)| {
            in_schema.to_lowercase() == schema && named.to_lowercase() == name
        };
        let known = landed.chain(built).find(is_it);
        let schemas = [space, models];
        let of_schema = schemas.into_iter().find(|one| one.to_lowercase() == schema);
        known.map_or((of_schema.map_or(schema, String::as_str), name), |(schema, name)| {
            (schema.as_str(), name.as_str())
        })
    }

    fn table(&self, table: &StateTable) -> Serde<Table> {
        Serde(Table::state(self.warehouse, table, self.dialect))
    }

    fn render(&self, template: &str, values: minijinja::Value) -> Result<Vec<Statement>> {
        let text = self.templates.render(template, values)?;
        statements(&Source::new(template, text), self.dialect)
    }
}
