//! Whether a view is the very one that was put in place: by what was run then, and by what the catalog made of it.

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

use super::{Catalog, Cell, Engine, Kind, Outcome, Plan, Step};
use crate::diagnostic::Result;
use crate::warehouse::{Warehouse, state};

/// What is noted of views, and what they are now.
#[derive(Debug, Clone, Default)]
pub struct Views(BTreeMap<String, (String, String)>);

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
        let table = state::refreshes();
        let record = catalog.find(schema, &table.name).filter(|found| found.is_ours);
        let (Some(record), false) = (record, names.is_empty()) else { return Ok(Self::default()) };
        let place = |name: &str| record.columns.iter().position(|column| column.name == name);
        let (Some(model), Some(definition)) = (place("model"), place("definition")) else {
            return Ok(Self::default());
        };
        let noted = engine.rows(schema, record, &Vec::new(), None)?;
        let mut views = BTreeMap::new();
        for name in names {
            let row = noted
                .rows
                .iter()
                .find(|row| row.get(model).and_then(Cell::text).as_deref() == Some(name.as_str()));
            let was = row.and_then(|row| row.get(definition)?.text());
            if let (Some(was), Some(is)) = (was, engine.view(schema, name)?) {
                views.insert(name.to_lowercase(), (was, is));
            }
        }
        Ok(Self(views))
    }

    /// Leaves the views of a plan alone that it would put in place as they are.
    pub fn leave_alone(&self, plan: &mut Plan) {
        for step in plan.steps.iter_mut().filter(|step| step.outcome == Outcome::Replaced) {
            if let Some((was, is)) = self.0.get(&step.target.name)
                && *was == noted(step, is)
            {
                step.outcome = Outcome::LeftAlone;
                step.statements.clear();
            }
        }
    }
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
