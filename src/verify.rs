//! Whether the tables are what their definition says of the landed rows: computed anew in one snapshot and compared.

mod ready;

use serde::Serialize;

pub use ready::ready;

use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::engine::{Cell, Engine, Rows};
use crate::render::{Asks, Checker, Level, ModelCheck, RuleCheck, RuleChecks};
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
    /// Views that show less than has landed, a line for each; who compares sets it.
    pub behind: Vec<String>,
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
    /// How many of its rows no landed row leads to any more, those aside that the next refresh would compute again; none for a model
    /// that is not incremental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<u64>,
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
    let checker = Checker::new(warehouse, dialect, library, keys.limit)?;
    for sql in checker.before()? {
        engine.execute(&sql)?;
    }
    let (mut models, mut right) = (Vec::new(), Vec::new());
    for table in &warehouse.models {
        progress(&table.name);
        let report = model(engine, &checker.model(table, &right)?, keys.listed)?;
        // What reads it from here on reads the table.
        if report.compared && report.is_right() {
            right.push(table.model);
        } else {
            for sql in checker.made(table, &right)? {
                engine.execute(&sql)?;
            }
        }
        models.push(report);
    }
    let (rules, deepest) = rules(engine, &checker.rules(&right)?, keys.listed)?;
    let is_kept = |rule: &RuleReport| rule.level == Level::Warning || rule.count == 0;
    let fine = models.iter().all(ModelReport::is_right) && rules.iter().all(is_kept);
    Ok(Report { fine, models, rules, deepest, behind: Vec::new() })
}

impl ModelReport {
    fn is_right(&self) -> bool {
        self.missing + self.extra + self.different == 0
    }
}

fn model(engine: &mut dyn Engine, check: &ModelCheck, listed: bool) -> Result<ModelReport> {
    let mut report = ModelReport {
        table: check.table.clone(),
        compared: check.asks.is_some(),
        rows: None,
        missing: 0,
        extra: 0,
        different: 0,
        beyond_lookback: check.is_incremental.then_some(0),
        gone: check.asks.as_ref().and_then(|asks| asks.gone.as_ref()).map(|_| 0),
        keys: check.asks.as_ref().filter(|_| listed).map(|_| Vec::new()),
    };
    let Some(Asks { made, count, beyond_lookback, gone, list }) = &check.asks else {
        return Ok(report);
    };
    let counts = engine.query(count)?;
    report.rows = Some(number(&counts, 0));
    report.missing = number(&counts, 1);
    report.extra = number(&counts, 2);
    report.different = number(&counts, 3);
    if report.is_right() {
        return Ok(report);
    }
    for sql in made {
        engine.execute(sql)?;
    }
    if let Some(beyond_lookback) = beyond_lookback {
        report.beyond_lookback = Some(number(&engine.query(beyond_lookback)?, 0));
    }
    if let Some(gone) = gone
        && report.extra > 0
    {
        report.gone = Some(number(&engine.query(gone)?, 0));
    }
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

/// What came of the rules, and the greatest number of entries that lead to a canonical profile.
fn rules(
    engine: &mut dyn Engine,
    checks: &RuleChecks,
    listed: bool,
) -> Result<(Vec<RuleReport>, u64)> {
    let counts = engine.query(&checks.count)?;
    let (mut reports, mut column) = (Vec::new(), 0);
    for RuleCheck { rule, list } in &checks.rules {
        let mut report = RuleReport {
            rule: rule.name,
            level: rule.level,
            says: rule.says,
            checked: list.is_some(),
            count: 0,
            keys: None,
        };
        if let Some(list) = list {
            report.count = number(&counts, column);
            column += 1;
            if listed {
                let rows = match report.count {
                    0 => Rows { columns: Vec::new(), rows: Vec::new(), more: false },
                    _ => engine.query(list)?,
                };
                let keys = rows.rows.iter().map(|row| named(rows.columns.iter(), row));
                report.keys = Some(keys.collect());
            }
        }
        reports.push(report);
    }
    Ok((reports, number(&counts, column)))
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
