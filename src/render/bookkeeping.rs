//! The statements with which idgraph notes its own work in a database: the ledger of migrations, the times of refreshes.

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Shared, Table};
use super::statement::{Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::Materialization;
use crate::warehouse::{ModelTable, StateTable, Warehouse, state};

/// Renders them for one database.
pub struct Bookkeeping<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    templates: Templates<'a>,
    ledger: StateTable,
    refreshes: StateTable,
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
        let (ledger, refreshes) = (state::ledger(), state::refreshes());
        Ok(Self { warehouse, dialect, templates, ledger, refreshes })
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
        seconds: f64,
    ) -> Result<Vec<Statement>> {
        let (model, how) = (self.dialect.literal(model), self.dialect.literal(how));
        let seconds = format!("{seconds:.3}");
        let table = self.table(&self.refreshes);
        let values = context! { table, model, how, inserted, deleted, seconds };
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

    /// Puts the sign of ownership on a model that others made; `None` where nothing can be said about a table that
    /// is there already.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn adopt(&self, model: &ModelTable) -> Result<Option<Vec<Statement>>> {
        if !self.templates.has("ledger/adopt.sql") {
            return Ok(None);
        }
        let kind = match model.materialized {
            Materialization::View => "VIEW",
            _ => "TABLE",
        };
        let table = Serde(Table::model(self.warehouse, model, self.dialect));
        self.render("ledger/adopt.sql", context! { table, kind }).map(Some)
    }

    fn table(&self, table: &StateTable) -> Serde<Table> {
        Serde(Table::state(self.warehouse, table, self.dialect))
    }

    fn render(&self, template: &str, values: minijinja::Value) -> Result<Vec<Statement>> {
        let text = self.templates.render(template, values)?;
        statements(&Source::new(template, text), self.dialect)
    }
}
