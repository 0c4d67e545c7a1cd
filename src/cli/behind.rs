//! Views that show less than has landed: a migration put them in place before, by what there was then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Once;

use super::build::{Found, carry_out, in_short, look_at_views, planned_anyway, sql};
use super::confirm::{Agreed, Change, Proposal};
use super::{Opened, Verdict, output};
use crate::diagnostic::{Result, Source};
use crate::dialect::Dialect;
use crate::engine::{self, Access, Engine, Outcome, Plan, Step, Views};
use crate::project::Materialization;
use crate::render::{Action, Statement, statements};
use crate::warehouse::Warehouse;

/// By the view, what has landed and it does not show: columns, and tables as a whole.
pub(super) fn unshown(
    found: &Found,
    known: &Views,
    plan: &Plan,
) -> BTreeMap<String, BTreeSet<String>> {
    let there = found.warehouse.landed.iter().filter(|table| !table.is_missing);
    let landed: Vec<String> = there.map(|table| found.dialect.landed_table(table)).collect();
    let views = plan.steps.iter().filter(|step| step.outcome == Outcome::Replaced);
    let of = |step: &Step| (step.object.clone(), known.unshown(step, &landed, &found.dialect));
    views.map(of).filter(|(_, unshown)| !unshown.is_empty()).collect()
}

/// Says which they are, once.
pub(super) fn say(found: &Found, plan: &Plan) {
    static SAID: Once = Once::new();
    let lines = lines(&unshown(found, &found.views, plan));
    if !lines.is_empty() {
        SAID.call_once(|| {
            for line in &lines {
                output::message(format_args!("{line}: `idgraph apply` puts it in place anew"));
            }
        });
    }
}

/// A line for each of them.
pub(super) fn lines(unshown: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let line = |(view, what): (&String, &BTreeSet<String>)| {
        let what: Vec<&str> = what.iter().map(String::as_str).collect();
        let have = if what.len() == 1 { "has" } else { "have" };
        format!("{view} shows nothing of {}, which {have} landed since", what.join(", "))
    };
    unshown.iter().map(line).collect()
}

/// Puts them in place anew, where a project has migrations: without them, every apply does.
pub(super) fn catch_up(change: &Change<'_>) -> Result<Verdict> {
    let (opened, options) = (change.opened, change.options);
    let warehouse = Warehouse::of(&opened.project);
    if !warehouse.models.iter().any(|table| table.materialized == Materialization::View) {
        return Ok(Verdict::Fine);
    }
    let look = |engine: &mut dyn Engine| {
        let found = look_at_views(opened, &warehouse, engine)?;
        plan(opened, &found, engine)
    };
    let connect = |access| engine::connect(&opened.project, &opened.target, access);
    let mut reader = connect(Access::Pretend)?;
    if engine::read(reader.as_mut(), change.interrupt, look)?.steps.is_empty() {
        return Ok(Verdict::Fine);
    }
    drop(reader);
    let proposal = |plan: &Plan| Some(Proposal { shown: in_short(plan), agreed: sql(plan) });
    let agreed = change.agreed(look, proposal)?;
    if matches!(agreed, Agreed::ToNothing(_)) {
        return Ok(agreed.verdict());
    }
    let mut engine = connect(if options.dry_run { Access::Pretend } else { Access::Create })?;
    change.with_patience(engine.as_mut(), |engine| {
        let plan = change.locked(engine, &agreed, look, proposal)?;
        carry_out(opened, options, (&warehouse, true, None), engine, &plan, change.interrupt)
    })?;
    Ok(Verdict::Fine)
}

/// What puts those views in place anew, with what was granted on them. One of other columns than the project's waits for the
/// migration that changes them.
fn plan(opened: &Opened, found: &Found, engine: &mut dyn Engine) -> Result<Plan> {
    let all = planned_anyway(opened, found, false)?.0;
    let behind = unshown(found, &found.views, &all);
    if behind.is_empty() {
        return Ok(Plan { steps: Vec::new() });
    }
    let mut without = found.clone();
    for step in all.steps.iter().filter(|step| behind.contains_key(&step.object)) {
        let schema = step.target.schema.as_deref().unwrap_or_default();
        without.catalog.take_lower(schema, &step.target.name);
    }
    let mut plan = planned_anyway(opened, &without, false)?.0;
    plan.steps.retain(|step| behind.contains_key(&step.object) && has_its_columns(found, step));
    for step in &mut plan.steps {
        step.outcome = Outcome::Replaced;
        drop_first(step, &found.warehouse, &found.dialect, engine)?;
    }
    Ok(plan)
}

/// Whether the view has the columns that it would have.
fn has_its_columns(found: &Found, step: &Step) -> bool {
    let schema = &found.warehouse.models_schema;
    let is_it = |name: &str| name.to_lowercase() == step.target.name;
    let Some(table) = found.warehouse.models.iter().find(|table| is_it(&table.name)) else {
        return false;
    };
    let Some(view) = found.catalog.find(schema, &table.name) else { return false };
    let wanted = table.columns_in_order();
    view.columns.len() == wanted.len()
        && wanted.iter().all(|column| view.column(&column.name).is_some())
}

/// A view that may not change the types of its columns is dropped first, and granted again.
fn drop_first(
    step: &mut Step,
    warehouse: &Warehouse,
    dialect: &Dialect,
    engine: &mut dyn Engine,
) -> Result<()> {
    let makes = |one: &Statement| one.action == Action::CreateView;
    let Some(at) = step.statements.iter().position(makes) else { return Ok(()) };
    if dialect.facts.can.views_change_columns {
        return Ok(());
    }
    let (schema, view) = (&warehouse.models_schema, &step.target.name);
    let sql = |name: &str, text: String| statements(&Source::new(name, text), dialect);
    let grants = engine.grants(&schema.to_lowercase(), view)?;
    step.statements.extend(sql("grants", grants.join("\n"))?);
    let drop = format!("DROP VIEW {};\n", dialect.qualified(schema, view));
    step.statements.splice(at..at, sql("drop_view", drop)?);
    Ok(())
}
