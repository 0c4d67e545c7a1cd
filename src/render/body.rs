//! A model's own query, and the work tables that come before it: the same for a build, a refresh and a check.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::context::{Relation, Table};
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::warehouse::{LandedTable, ModelTable, Warehouse};

/// The work tables that the steps to a model may make.
const STEPS: [&str; 10] =
    ["entry", "onward", "merged", "leap", "chain", "lost", "astray", "head", "way", "latest"];

/// When work tables are made and filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// At once.
    Build,
    /// Made, and filled later.
    Make,
    /// Filled, having been made before.
    Fill,
}

/// A query and what comes before it.
pub(super) struct Body {
    pub(super) query: String,
    /// The statements that make work tables; empty without any.
    pub(super) steps: String,
    /// The work tables' names as SQL.
    pub(super) stepped: Option<BTreeMap<String, String>>,
}

impl Body {
    /// The body of a model, as `table`, and the landed table that it shows, if it shows one; `affected` names the table of the keys
    /// that it is computed for, `None` for all.
    pub(super) fn new(
        warehouse: &Warehouse,
        dialect: &Dialect,
        templates: &Templates<'_>,
        (model, table, reads): (&ModelTable, &Table, Option<&LandedTable>),
        affected: Option<&str>,
        stage: Stage,
    ) -> Result<Self> {
        let in_view = stage == Stage::Build && model.materialized.is_query();
        // The canonical profile comes first, whatever the order of the others.
        let reads = reads.map(|landed| {
            Relation::new(warehouse, (landed, table.behind_first()), dialect, in_view)
        });
        // Work tables that come before the query: not for what is one query.
        let steps = format!("steps/{}.sql", model.model.name());
        let stepped = (!in_view && templates.has(&steps)).then(|| {
            let schema = &warehouse.models_schema;
            let name =
                |step: &str| (step.to_owned(), dialect.work_table(schema, &model.name, step));
            BTreeMap::from(STEPS.map(name))
        });
        let values = context! {
            reads => Serde(reads), affected, stepped => Serde(&stepped), in_view, stage => Serde(stage)
        };
        let query = templates.render(&format!("query/{}.sql", model.model.name()), &values)?;
        let steps = match stepped {
            Some(_) => templates.render(&steps, &values)?.trim_end().to_owned(),
            None => String::new(),
        };
        Ok(Self { query: query.trim_end().to_owned(), steps, stepped })
    }
}
