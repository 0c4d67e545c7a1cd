//! Whether a view is the very one that was put in place: by what was run then, and by what the catalog made of it.

use std::collections::{BTreeMap, BTreeSet};

use sha1::{Digest, Sha1};

use super::behind::unshown;
use super::{Catalog, Cell, Engine, Kind, Outcome, Plan, Step};
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::render::Action;
use crate::warehouse::{Warehouse, state};

/// What is noted of views, and what they are now.
#[derive(Debug, Clone, Default)]
pub struct Views(BTreeMap<String, (Option<String>, String)>);

impl Views {
    /// Those of a warehouse's models that are there.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn read(engine: &mut dyn Engine, warehouse: &Warehouse, catalog: &Catalog) -> Result<Self> {
        let schema = &warehouse.models_schema;
        let is_view = |name: &String| {
            catalog
                .find(schema, name)
                .is_some_and(|found| found.is_ours && found.kind == Kind::View)
        };
        let names: Vec<&String> =
            warehouse.models.iter().map(|table| &table.name).filter(|name| is_view(name)).collect();
        if names.is_empty() {
            return Ok(Self::default());
        }
        let noted = noted_of(engine, (schema, catalog), "definition")?;
        let mut views = BTreeMap::new();
        for name in names {
            if let Some(is) = engine.view(schema, name)? {
                views.insert(name.to_lowercase(), (noted.get(name).cloned(), is));
            }
        }
        Ok(Self(views))
    }

    /// What a view does not show, though a step that would put it in place does; `landed` are the tables that are there.
    pub fn unshown(&self, step: &Step, landed: &[String], dialect: &Dialect) -> BTreeSet<String> {
        let definition = self.0.get(&step.target.name).map(|(_, definition)| definition);
        // Behind what drops the old one, if anything does.
        let makes = step.statements.iter().rfind(|one| one.action == Action::CreateView);
        let (Some(definition), Some(makes)) = (definition, makes) else { return BTreeSet::new() };
        unshown(definition, &makes.sql, landed, dialect)
    }

    /// Leaves the views of a plan alone that it would put in place as they are.
    pub fn leave_alone(&self, plan: &mut Plan) {
        for step in plan.steps.iter_mut().filter(|step| step.outcome == Outcome::Replaced) {
            if let Some((Some(was), is)) = self.0.get(&step.target.name)
                && *was == noted(step, is)
            {
                step.outcome = Outcome::LeftAlone;
                step.statements.clear();
            }
        }
    }
}

/// What a column of the record of refreshes has of each model.
pub(super) fn noted_of(
    engine: &mut dyn Engine,
    (schema, catalog): (&str, &Catalog),
    column: &str,
) -> Result<BTreeMap<String, String>> {
    let table = state::refreshes();
    let Some(record) = catalog.find(schema, &table.name).filter(|found| found.is_ours) else {
        return Ok(BTreeMap::new());
    };
    let place = |name: &str| record.columns.iter().position(|column| column.name == name);
    let (Some(model), Some(noted)) = (place("model"), place(column)) else {
        return Ok(BTreeMap::new());
    };
    let rows = engine.rows(schema, record, &Vec::new(), None)?.rows;
    let text = |row: &[Cell], at: usize| row.get(at).and_then(Cell::text);
    Ok(rows.iter().filter_map(|row| Some((text(row, model)?, text(row, noted)?))).collect())
}

/// What is noted of a view: a checksum of the statements that put it in place and of what the catalog has of it.
pub(super) fn noted(step: &Step, definition: &str) -> String {
    let mut sum = Sha1::new();
    // How it is noted as ours is said once, when it is made.
    for statement in step.todo().filter(|one| !one.is_about_made()) {
        sum.update(statement.sql.as_bytes());
        sum.update([0]);
    }
    sum.update(definition.as_bytes());
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
