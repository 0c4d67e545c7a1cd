//! What is said of incremental models that a run reads in full, or that lose values, since what they were read from is not what it was.

use super::Opened;
use super::build::Found;
use crate::diagnostic::Result;
use crate::engine::{Cell, Engine, Plan};
use crate::render;

/// A model's table with its schema, and what is the matter with it.
pub(super) struct Said {
    object: String,
    pub(super) text: String,
}

impl Said {
    /// Whether it is about something that the plan builds.
    pub(super) fn concerns(&self, plan: &Plan) -> bool {
        plan.steps.iter().any(|step| step.object == self.object)
    }
}

/// Compares what was noted of the models' last refresh with what stands there now.
pub(super) fn found(opened: &Opened, found: &Found, engine: &mut dyn Engine) -> Result<Vec<Said>> {
    let Found { dialect, catalog, warehouse, .. } = found;
    let schema = &warehouse.models_schema;
    let notes = warehouse.watermarks.as_ref();
    let notes = notes.and_then(|table| catalog.find(schema, &table.name).map(|had| (table, had)));
    // Notes that lack a column are not read: what needs them says what is wrong.
    let Some((table, had)) = notes else { return Ok(Vec::new()) };
    if !had.is_ours || table.columns.iter().any(|column| had.column(&column.name).is_none()) {
        return Ok(Vec::new());
    }
    let is_there = |schema: &str, name: &str| catalog.find(schema, name).is_some();
    let question = render::made_again(warehouse, dialect, &opened.library, is_there)?;
    let Some(question) = question else { return Ok(Vec::new()) };
    let rows = engine.query(&question)?.rows;
    let text = |row: &[Cell], at: usize| row.get(at).and_then(Cell::text).unwrap_or_default();
    let said = |row: Vec<Cell>| {
        let (model, which) = (text(&row, 0), text(&row, 2));
        let object = format!("{schema}.{model}");
        let landed = format!("{}.{}", warehouse.space, warehouse.traits_from);
        let has_column = |name: &str| {
            let had = catalog.find(&warehouse.space, warehouse.traits_from);
            had.is_some_and(|had| had.column(name).is_some())
        };
        let text = match text(&row, 1).as_str() {
            "table" => format!(
                "{object}, or a column of it, was made again since the last refresh: read in full"
            ),
            "landed" => format!(
                "{which} is not the table that {object} was read from the last time, or has not its columns: read in full"
            ),
            "elsewhere" => {
                format!("{object} was read from {which} the last time: read in full")
            }
            "trait" => format!(
                "{object}.{which} was made again since the last refresh: read from all that landed"
            ),
            _ if has_column(&which) => format!(
                "{landed}.{which} is not the column that {object} was read from the last time: read in full"
            ),
            _ => format!(
                "{landed} has no column {which} any more: {object} is read in full, and loses its values"
            ),
        };
        Said { object, text }
    };
    Ok(rows.into_iter().map(said).collect())
}
