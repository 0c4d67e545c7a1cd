//! Whether the tables are what their definition says of the landed rows: computed anew in one snapshot and compared.

mod ready;

use serde::Serialize;

pub use ready::ready;

use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::engine::{Cell, Engine, Rows, keep_read_only};
use crate::render::{self, Asks, Level, ModelCheck, RuleCheck};
use crate::warehouse::Warehouse;

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether every table is right.
    pub fine: bool,
    /// The models, in the order of building.
    pub models: Vec<ModelReport>,
    /// The rules.
    pub rules: Vec<RuleReport>,
    /// The greatest number of entries that lead from a profile to its canonical one.
    pub deepest: u64,
}

/// How a model's table differs from what it must be.
#[derive(Debug, Clone, Serialize)]
pub struct ModelReport {
    /// The table.
    pub table: String,
    /// Whether it was compared: a view needs no comparison.
    pub compared: bool,
    /// How many rows it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Rows that must be there and are not.
    pub missing: u64,
    /// Rows that are there and must not be.
    pub extra: u64,
    /// Rows with the right key and other values.
    pub different: u64,
    /// How many keys of those the next refresh would not compute again; none for a model that is not incremental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_lookback: Option<u64>,
    /// The rows' keys, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<KeyReport>>,
}

/// A row that differs.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// How.
    pub finding: Finding,
    /// How many rows of that key.
    pub count: u64,
    /// Whether the next refresh would not compute it again; none for a model that is not incremental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_lookback: Option<bool>,
    /// What tells it from the other rows.
    pub key: Named,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// It must be there and is not.
    Missing,
    /// It is there and must not be.
    Extra,
    /// It has other values.
    Different,
}

/// How often a rule is broken.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// What the rule is called.
    pub rule: &'static str,
    /// What breaking it means.
    pub level: Level,
    /// What it says.
    pub says: &'static str,
    /// Whether it was checked: a view breaks no rule by itself.
    pub checked: bool,
    /// How often it is broken.
    pub count: u64,
    /// Where, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<Named>>,
}

/// Values by column.
pub type Named = serde_json::Map<String, serde_json::Value>;

/// Whether keys are listed, and how many of each finding at most.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// Whether they are listed at all.
    pub listed: bool,
    /// The most for each finding; `None` for all.
    pub limit: Option<u64>,
}

/// Checks the tables of a warehouse, as far as a database has it; inside of [`crate::engine::read`]. `progress` is told
/// the name of each table before it is computed.
///
/// # Errors
/// When the database fails, or a template is wrong.
pub fn verify(
    engine: &mut dyn Engine,
    (warehouse, dialect, library): (&Warehouse, &Dialect, &Library),
    keys: Keys,
    progress: &mut dyn FnMut(&str),
) -> Result<Report> {
    let verification = render::verify(warehouse, dialect, library, keys.limit)?;
    for sql in &verification.make {
        engine.execute(sql)?;
    }
    keep_read_only(engine)?;
    for fill in &verification.fill {
        progress(&fill.table);
        for sql in &fill.statements {
            engine.execute(sql)?;
        }
    }
    let models = verification.models.iter().map(|check| model(engine, check, keys.listed));
    let models = models.collect::<Result<Vec<_>>>()?;
    let rules = verification.rules.iter().map(|check| rule(engine, check, keys.listed));
    let rules = rules.collect::<Result<Vec<_>>>()?;
    let deepest = number(&engine.query(&verification.deepest)?, 0);
    let is_right = |model: &ModelReport| model.missing + model.extra + model.different == 0;
    let is_kept = |rule: &RuleReport| rule.level == Level::Warning || rule.count == 0;
    let fine = models.iter().all(is_right) && rules.iter().all(is_kept);
    Ok(Report { fine, models, rules, deepest })
}

fn model(engine: &mut dyn Engine, check: &ModelCheck, listed: bool) -> Result<ModelReport> {
    let mut report = ModelReport {
        table: check.table.clone(),
        compared: check.asks.is_some(),
        rows: None,
        missing: 0,
        extra: 0,
        different: 0,
        beyond_lookback: None,
        keys: None,
    };
    let Some(Asks { count, list }) = &check.asks else { return Ok(report) };
    let counts = engine.query(count)?;
    report.rows = Some(number(&counts, 0));
    report.missing = number(&counts, 1);
    report.extra = number(&counts, 2);
    report.different = number(&counts, 3);
    report.beyond_lookback = check.is_incremental.then(|| number(&counts, 4));
    if listed {
        report.keys = Some(keys(engine.query(list)?, check));
    }
    Ok(report)
}

/// The listed rows: key columns, then how many are missing, extra and different, and whether they are out of reach.
fn keys(rows: Rows, check: &ModelCheck) -> Vec<KeyReport> {
    let width = check.key.len();
    let mut keys = Vec::new();
    for row in &rows.rows {
        let count = |offset: usize| row.get(width + offset).map_or(0, whole);
        let beyond_lookback = check.is_incremental.then(|| count(3) > 0);
        for (finding, offset) in
            [(Finding::Missing, 0), (Finding::Extra, 1), (Finding::Different, 2)]
        {
            if count(offset) > 0 {
                let key = named(rows.columns.iter().take(width), row);
                keys.push(KeyReport { finding, count: count(offset), beyond_lookback, key });
            }
        }
    }
    keys
}

fn rule(engine: &mut dyn Engine, check: &RuleCheck, listed: bool) -> Result<RuleReport> {
    let mut report = RuleReport {
        rule: check.rule.name,
        level: check.rule.level,
        says: check.rule.says,
        checked: check.asks.is_some(),
        count: 0,
        keys: None,
    };
    let Some(Asks { count, list }) = &check.asks else { return Ok(report) };
    report.count = number(&engine.query(count)?, 0);
    if listed {
        let rows = engine.query(list)?;
        let keys = rows.rows.iter().map(|row| named(rows.columns.iter(), row));
        report.keys = Some(keys.collect());
    }
    Ok(report)
}

fn named<'a>(columns: impl Iterator<Item = &'a String>, row: &[Cell]) -> Named {
    columns.cloned().zip(row.iter().map(Cell::json)).collect()
}

/// A number in the first row.
fn number(rows: &Rows, column: usize) -> u64 {
    rows.rows.first().and_then(|row| row.get(column)).map_or(0, whole)
}

fn whole(cell: &Cell) -> u64 {
    match cell {
        Cell::Integer(number) => u64::try_from(*number).unwrap_or(0),
        _ => 0,
    }
}
