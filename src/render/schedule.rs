//! The refresh by the clock: what the files of the tables do, put into a schedule of the warehouse's own.

use minijinja::context;
use minijinja::value::Serde;

use super::context::MADE_BY;
use super::draft::Draft;
use super::file::Subject;
use super::statement::Action;
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::project::Schedule;
use crate::warehouse::{ModelTable, Warehouse};

/// What makes the schedule has this name, in the schema of the models.
pub(super) const NAME: &str = "idgraph_refresh";

/// The schedule, where the project asks for it and the warehouse can.
fn asked<'a>(warehouse: &'a Warehouse, dialect: &Dialect) -> Option<&'a Schedule> {
    warehouse.schedule.as_ref().filter(|_| dialect.facts.can.schedule)
}

/// Whether the schedule does what fills a model's table: then the statements of that are wanted.
pub(super) fn refreshes(table: &ModelTable, warehouse: &Warehouse, dialect: &Dialect) -> bool {
    asked(warehouse, dialect).is_some() && !table.materialized.is_query()
}

/// The text that makes it, where there is anything to refresh.
///
/// # Errors
/// When a template is wrong.
pub(super) fn text(
    warehouse: &Warehouse,
    dialect: &Dialect,
    templates: &Templates<'_>,
    drafts: &[Draft],
) -> Result<Option<String>> {
    let Some(schedule) = asked(warehouse, dialect) else { return Ok(None) };
    let is_refreshed = |name: &str| {
        let mut models = warehouse.models.iter();
        models.any(|table| table.name == name && refreshes(table, warehouse, dialect))
    };
    let models = drafts.iter().filter(|draft| matches!(draft.subject, Subject::Model(_)));
    let units = models.flat_map(|draft| &draft.units).filter(|unit| is_refreshed(&unit.name));
    // The tables are there: their own files made them.
    let fills = units.flat_map(|unit| {
        let all = unit.statements.iter();
        all.filter(|one| one.action != Action::Attend && !one.makes_table(&unit.name))
    });
    let refresh: Vec<String> = fills.map(|statement| statement.sql.clone()).collect();
    if refresh.is_empty() {
        return Ok(None);
    }
    let comment = format!("Refreshes the models of {}. {MADE_BY}", warehouse.space);
    let values = context! {
        name => dialect.qualified(&warehouse.models_schema, NAME),
        comment => dialect.literal(&comment),
        warehouse => schedule.warehouse.as_ref().map(|name| dialect.identifier(name)),
        space => &warehouse.space,
        schedule => Serde(schedule),
        statements => refresh,
    };
    templates.render("schedule.sql", values).map(Some)
}
