//! Rows of models whose landed rows are gone: Segment takes all rows of a deleted profile out of its tables.

use std::collections::BTreeMap;

use super::views::noted_of;
use super::{Catalog, Cell, Engine, Found, Interrupt, Kind, Outcome, Step, StepReport};
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::render::Checker;
use crate::warehouse::{ModelTable, StateTable, Warehouse, state};

/// How many rows of a model no landed row leads to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The model's table.
    pub table: String,
    /// The rows.
    pub rows: u64,
}

/// A warehouse, its dialect and the templates.
type Of<'a> = (&'a Warehouse, &'a Dialect, &'a Library);

/// Looks for such rows where the database has counted deletions since none was there, or counts none.
pub struct Deletions<'a> {
    of: Of<'a>,
    /// By model, what the database has counted now,
    counted: BTreeMap<String, String>,
    /// and when its table had no such row.
    before: BTreeMap<String, String>,
    /// Whether all models are computed from all landed rows.
    full: bool,
    found: Vec<Gone>,
}

impl<'a> Deletions<'a> {
    /// Asks what is counted of each incremental model. To be called before the transaction in which it is looked: what is deleted
    /// between the two is then looked for once more.
    ///
    /// # Errors
    /// When the database cannot be asked, or a template is wrong.
    pub fn count(engine: &mut dyn Engine, of: Of<'_>) -> Result<BTreeMap<String, String>> {
        let (warehouse, dialect, library) = of;
        let question = Checker::new(warehouse, dialect, library, None)?.deletions()?;
        let Some(question) = question else { return Ok(BTreeMap::new()) };
        let pair = |row: &Vec<Cell>| Some((row.first()?.text()?, row.get(1)?.text()?));
        Ok(engine.query(&question)?.rows.iter().filter_map(pair).collect())
    }

    /// `of` is a warehouse as it has landed; `full`: all models are computed from all landed rows.
    pub fn new(of: Of<'a>, counted: BTreeMap<String, String>, full: bool) -> Self {
        Self { of, counted, before: BTreeMap::new(), full, found: Vec::new() }
    }

    /// What was found.
    pub fn found(&self) -> &[Gone] {
        &self.found
    }

    /// Looks at all incremental models that are there, without changing anything.
    ///
    /// # Errors
    /// When the database cannot be asked, or a template is wrong.
    pub fn look_at_all(&mut self, engine: &mut dyn Engine, catalog: &Catalog) -> Result<()> {
        let (warehouse, ..) = self.of;
        let landed = |table: &str| catalog.find(&warehouse.space, table);
        let is_foreign = |kind: Kind| kind != Kind::Table;
        // A view of others would compute whatever they like with the rights of who reads it.
        let mut tables = warehouse.landed.iter().filter_map(|table| landed(&table.name));
        let notes = warehouse.watermarks.as_ref();
        let notes = notes.and_then(|table| Some((table, self.ours(catalog, &table.name)?)));
        let Some((table, had)) = notes else { return Ok(()) };
        if tables.any(|found| is_foreign(found.kind)) || !has_all(had, table) {
            return Ok(());
        }
        self.before = noted_of(engine, (&warehouse.models_schema, catalog), "deletions")?;
        let models: Vec<&ModelTable> =
            warehouse.models.iter().filter(|model| self.is_whole(catalog, model)).collect();
        self.look_at(engine, &models)
    }

    /// Looks at the models that a run has refreshed.
    pub(super) fn look(
        &mut self,
        engine: &mut dyn Engine,
        interrupt: &Interrupt,
        reports: &[(Step, StepReport)],
    ) -> Result<()> {
        if self.full {
            return Ok(());
        }
        let (warehouse, ..) = self.of;
        let refreshed = |model: &&ModelTable| {
            let is_it = |(step, report): &(Step, StepReport)| {
                step.target.name == model.name.to_lowercase()
                    && report.outcome == Outcome::Refreshed
            };
            reports.iter().any(is_it)
        };
        let models: Vec<&ModelTable> = warehouse.models.iter().filter(refreshed).collect();
        // A refresh costs what has changed: without a count, and a place to note it, it would read all keys each time.
        if models.is_empty() || self.counted.is_empty() {
            return Ok(());
        }
        let catalog = engine.catalog(&[&warehouse.models_schema])?;
        let notes = state::refreshes();
        if !self.ours(&catalog, &notes.name).is_some_and(|found| has_all(found, &notes)) {
            return Ok(());
        }
        self.before = noted_of(engine, (&warehouse.models_schema, &catalog), "deletions")?;
        interrupt.check()?;
        self.look_at(engine, &models)
    }

    /// What is to be noted of a model, by its table's name in lower case.
    pub(super) fn noted(&self, table: &str) -> Option<&str> {
        let is_it = |name: &String| name.to_lowercase() == table;
        let gone = self.found.iter().any(|gone| is_it(&gone.table));
        let noted = if gone { &self.before } else { &self.counted };
        noted.iter().find(|(name, _)| is_it(name)).map(|(_, counted)| counted.as_str())
    }

    fn look_at(&mut self, engine: &mut dyn Engine, models: &[&ModelTable]) -> Result<()> {
        let (warehouse, dialect, library) = self.of;
        let checker = Checker::new(warehouse, dialect, library, None)?;
        let is_quiet = |model: &str| {
            self.counted.get(model).is_some_and(|counted| self.before.get(model) == Some(counted))
        };
        let models = models.iter().filter(|model| !is_quiet(&model.name));
        let mut is_begun = false;
        for model in models {
            let Some(gone) = checker.gone(model)? else { continue };
            if !std::mem::replace(&mut is_begun, true) {
                checker.before()?.iter().try_for_each(|sql| engine.execute(sql).map(drop))?;
            }
            if number(engine, &gone.count)? == 0 {
                continue;
            }
            gone.made.iter().try_for_each(|sql| engine.execute(sql).map(drop))?;
            let rows = number(engine, &gone.beyond)?;
            if rows > 0 {
                self.found.push(Gone { table: model.name.clone(), rows });
            }
        }
        Ok(())
    }

    fn ours<'c>(&self, catalog: &'c Catalog, name: &str) -> Option<&'c Found> {
        let found = catalog.find(&self.of.0.models_schema, name)?;
        (found.is_ours && found.kind == Kind::Table).then_some(found)
    }

    /// Whether a model's table is ours and has the columns that it is known by.
    fn is_whole(&self, catalog: &Catalog, model: &ModelTable) -> bool {
        let has_key = |found: &Found| model.key.iter().all(|key| found.column(key).is_some());
        self.ours(catalog, &model.name).is_some_and(has_key)
    }
}

/// Whether a table has all columns that it is to have.
fn has_all(found: &Found, table: &StateTable) -> bool {
    table.columns.iter().all(|column| found.column(&column.name).is_some())
}

fn number(engine: &mut dyn Engine, question: &str) -> Result<u64> {
    let rows = engine.query(question)?.rows;
    let Some(Cell::Integer(number)) = rows.first().and_then(|row| row.first()) else {
        return Ok(0);
    };
    Ok(u64::try_from(*number).unwrap_or(0))
}
