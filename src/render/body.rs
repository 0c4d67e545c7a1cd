//! A model's own query, and the work tables that come before it: the same for a build, a refresh and a check.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Column, Table};
use super::relation::Relation;
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::warehouse::{LandedTable, ModelTable, Warehouse};

/// The work tables that the steps to a model may make.
const STEPS: [&str; 10] =
    ["entry", "onward", "merged", "leap", "chain", "lost", "astray", "head", "way", "latest"];

/// How a model's rows are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is built: by work tables first, where the dialect has them.
    Built,
    /// By one query, which makes nothing.
    Query,
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
        form: Form,
    ) -> Result<Self> {
        let in_view = form == Form::Built && model.materialized.is_query();
        // The canonical profile comes first, whatever the order of the others.
        let reads = reads.map(|landed| {
            let as_it_is = landed.found.is_none() && dialect.facts.can.views_change_columns;
            let columns = match as_it_is {
                true => table.behind_first(),
                false => {
                    let columns = model.columns.iter().skip(1);
                    columns.map(|column| Column::landed(column, landed, dialect)).collect()
                }
            };
            Relation::new(warehouse, (landed, columns), dialect, in_view)
        });
        // Work tables that come before the query: not for what is one query.
        let steps = format!("steps/{}.sql", model.model.name());
        let stepped = (form == Form::Built && !in_view && templates.has(&steps)).then(|| {
            let schema = &warehouse.models_schema;
            let name =
                |step: &str| (step.to_owned(), dialect.work_table(schema, &model.name, step));
            BTreeMap::from(STEPS.map(name))
        });
        let values = context! {
            reads => Serde(reads), affected, stepped => Serde(&stepped), in_view
        };
        let query = templates.render(&format!("query/{}.sql", model.model.name()), &values)?;
        let steps = match stepped {
            Some(_) => templates.render(&steps, &values)?.trim_end().to_owned(),
            None => String::new(),
        };
        Ok(Self { query: query.trim_end().to_owned(), steps, stepped })
    }
}
