//! Whether there is anything to check: what does not exist yet is told apart from what is wrong.

use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::{Catalog, Outcome, Plan, Step};
use crate::project::{Materialization, Project};
use crate::render::Subject;
use crate::warehouse::Warehouse;

/// Checks that all tables that the project speaks of are there, with all their columns. `plan` is what an apply would do.
///
/// # Errors
/// With what is missing, and how to have it.
pub fn ready(
    project: &Project,
    warehouse: &Warehouse,
    catalog: &Catalog,
    plan: &Plan,
    target: &str,
) -> Result<()> {
    let apply = format!("`idgraph apply --target {target}`");
    if warehouse.landed.iter().all(|table| table.is_missing) {
        return Err(Diagnostic::error(
            "empty-space",
            format!("the space {} has none of the tables that Segment lands", warehouse.space),
        )
        .at(&project.space.place, "the schema that was looked in")
        .help("check `space` and the target; before Segment has landed anything there is nothing to check")
        .into());
    }
    let is_missing = |step: &&Step| {
        step.outcome == Outcome::Created
            && matches!(step.subject, Subject::Model(_) | Subject::State)
    };
    let models: Vec<_> =
        plan.steps.iter().filter(is_missing).map(|step| step.object.as_str()).collect();
    if !models.is_empty() {
        return Err(Diagnostic::error(
            "not-built",
            format!("there is no {} in the database", models.join(", ")),
        )
        .help(format!("{apply} builds what is missing"))
        .into());
    }
    let lacking = warehouse.models.iter().filter_map(|table| {
        let found = catalog.find(&warehouse.models_schema, &table.name)?;
        let lacks = table.columns.iter().filter(|column| found.column(&column.name).is_none());
        let names: Vec<_> = lacks.map(|column| format!("`{}`", column.name)).collect();
        if names.is_empty() || table.materialized == Materialization::View {
            return None;
        }
        let name = format!("{}.{}", warehouse.models_schema, table.name);
        Some(
            Diagnostic::error(
                "not-built",
                format!("{name} has no column {} yet", names.join(", ")),
            )
            .help(format!("the project has gained it: {apply} adds it")),
        )
    });
    Diagnostics::check(lacking.collect())
}
