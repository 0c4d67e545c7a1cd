//! What `apply` and `refresh` have in common: plan, run or dry-run, progress.

use std::sync::Once;
use std::time::{Duration, Instant};

use super::confirm::{Agreed, Change, Consent, Proposal};
use super::{Opened, Verdict, not_there, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{
    self, About, Access, Catalog, Engine, Interrupt, Outcome, Plan, Step, StepReport,
};
use crate::render::{
    self, Action, Bookkeeping, Statement, Subject, check_limits, render, render_full, render_landed,
};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The target, one of the project's `targets`
    #[arg(long, value_name = "NAME")]
    pub(super) target: String,
    /// Print the very SQL, run it in a transaction and roll that back
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How long to wait for what another session has locked, such as another apply
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) lock_timeout: u32,
}

/// Builds in a target what `choose` keeps of the plan, the steps that are left out beside it; `full` builds incremental models
/// anew, `did` says what was done.
pub(super) fn run(
    opened: &Opened,
    options: &Options,
    access: Access,
    consent: Consent,
    full: bool,
    did: &str,
    choose: impl Fn(Plan) -> Result<(Plan, Vec<Step>)>,
) -> Result<Verdict> {
    let start = Instant::now();
    let warehouse = Warehouse::of(&opened.project);
    let interrupt = Interrupt::of_process();
    let change = Change { opened, options, consent, interrupt: &interrupt };
    let look = |engine: &mut dyn Engine| {
        let found = self::look(opened, &warehouse, engine)?;
        found.say_what_lacks();
        let (plan, others) = choose(planned(opened, &found, full)?)?;
        let made_again = if full { Vec::new() } else { made_again(opened, &found, engine)? };
        needs_none_of(&plan, &others)?;
        Ok((plan, made_again))
    };
    let proposal = |(plan, _): &(Plan, Vec<String>)| {
        Some(Proposal { shown: in_short(plan), agreed: sql(plan) })
    };
    let agreed = change.agreed(look, proposal)?;
    if matches!(agreed, Agreed::ToNothing) {
        return Ok(Verdict::Fine);
    }
    interrupt.check()?;
    let mut engine = engine::connect(&opened.project, &options.target, access)?;
    change.with_patience(engine.as_mut(), |engine| {
        let (plan, made_again) = change.locked(engine, &agreed, look, proposal)?;
        interrupt.check()?;
        for table in
            made_again.iter().filter(|table| plan.steps.iter().any(|step| step.object == **table))
        {
            output::message(format_args!(
                "{table} was made again since the last refresh: read in full"
            ));
        }
        // A refresh makes nothing.
        let makes = access == Access::Create;
        carry_out(opened, options, &warehouse, engine, (&plan, makes), &interrupt)
    })?;
    let time = seconds(start.elapsed());
    if options.dry_run {
        output::message(format_args!("rolled back after {time}: nothing changed"));
    } else {
        output::message(format_args!("{did} {} in {time}", options.target));
    }
    Ok(Verdict::Fine)
}

/// Runs a plan, or shows what it runs and takes it back.
fn carry_out(
    opened: &Opened,
    options: &Options,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
    (plan, makes): (&Plan, bool),
    interrupt: &Interrupt,
) -> Result<()> {
    let mut file = String::new();
    let mut progress = |step: &Step, report: &StepReport| {
        if file != step.file {
            step.file.clone_into(&mut file);
            output::message(format_args!("{file}"));
        }
        output::message(format_args!("  {:<44} {}", step.object, describe(step, report)));
    };
    if options.dry_run {
        for sql in plan.script(&engine.begin_script(), "ROLLBACK") {
            output::text(&format!("{sql};\n\n"))?;
        }
        return engine::dry_run(engine, plan, interrupt, &mut progress);
    }
    let dialect = Dialect::load(&opened.library, engine.dialect())?;
    let books = Bookkeeping::new(warehouse, &dialect, &opened.library)?;
    engine::apply_noting(engine, plan, (&books, makes), interrupt, &mut progress)
}

/// Makes the landed tables in a sandbox, where Segment does not.
pub(super) fn make_landed(
    opened: &Opened,
    warehouse: &Warehouse,
    dialect: &Dialect,
    engine: &mut dyn Engine,
) -> Result<()> {
    let file = render_landed(warehouse, dialect, &opened.library, &opened.file_name())?;
    // The sandbox has its schemas already.
    let makes = |one: &&Statement| one.action != Action::CreateSchema;
    engine.execute(engine.begin_sql())?;
    for statement in file.statements().filter(makes) {
        engine.execute(&statement.sql)?;
    }
    engine.execute("COMMIT").map(drop)
}

/// Checks that what is built needs nothing of the `others` that is not there: they are not run.
fn needs_none_of(plan: &Plan, others: &[Step]) -> Result<()> {
    let is_needed = |other: &&Step| {
        let is_schema = other.subject == Subject::Schema;
        other.outcome == Outcome::Created
            && plan.steps.iter().any(|step| {
                let mut reads = step.statements.iter().flat_map(|statement| &statement.reads);
                (is_schema && step.target.schema == other.target.schema)
                    || reads.any(|read| *read == other.target)
            })
    };
    let Some(missing) = others.iter().find(is_needed) else { return Ok(()) };
    Err(match missing.subject {
        Subject::Schema => not_there("no-schema", &format!("schema {}", missing.object)),
        _ => not_there("no-table", &format!("table {}", missing.object)),
    }
    .into())
}

/// A database as it is, and what the project is to it.
pub(super) struct Found {
    pub(super) dialect: Dialect,
    pub(super) catalog: Catalog,
    /// The warehouse, less the columns that have not landed.
    pub(super) warehouse: Warehouse,
    /// The extensions that the SQL would use, and that are not there or not to be called.
    without: Vec<String>,
}

impl Found {
    /// Says once what the models lack without an extension.
    pub(super) fn say_what_lacks(&self) {
        static SAID: Once = Once::new();
        if self.without.is_empty() {
            return;
        }
        SAID.call_once(|| {
            for name in &self.without {
                output::message(format_args!(
                    "without the extension {name}, external_id_hash is what landed, and NULL where nothing did; to have it computed, let an \
                     administrator run: CREATE EXTENSION {name} WITH SCHEMA public;"
                ));
            }
        });
    }
}

/// Looks at what stands in a database.
pub(super) fn look(
    opened: &Opened,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
) -> Result<Found> {
    let mut dialect = Dialect::load(&opened.library, engine.dialect())?.of_project(&opened.project);
    Diagnostics::check(check_limits(&opened.project, warehouse, &dialect))?;
    engine.preflight(&About::all_of(warehouse))?;
    let catalog = engine.catalog(&[&warehouse.space, &warehouse.models_schema])?;
    // What is there is used where it is, and nothing is made.
    let mut without = Vec::new();
    dialect.facts.extensions.retain(|name, schema| match catalog.extensions.get(name) {
        Some(found) => {
            schema.clone_from(found);
            true
        }
        None => {
            without.push(name.clone());
            false
        }
    });
    let warehouse = warehouse.as_landed(|schema, name| {
        let found = catalog.find(schema, name)?;
        Some(found.columns.iter().map(|column| column.name.as_str()).collect())
    });
    Ok(Found { dialect, catalog, warehouse, without })
}

/// The tables of incremental models that are not the ones that were read for: made again, restored or emptied since.
fn made_again(opened: &Opened, found: &Found, engine: &mut dyn Engine) -> Result<Vec<String>> {
    let Found { dialect, catalog, warehouse, .. } = found;
    let schema = &warehouse.models_schema;
    let is_there = |name: &str| catalog.find(schema, name).is_some();
    if !warehouse.watermarks.as_ref().is_some_and(|table| is_there(&table.name)) {
        return Ok(Vec::new());
    }
    let question = render::made_again(warehouse, dialect, &opened.library, is_there)?;
    let Some(question) = question else { return Ok(Vec::new()) };
    let models = engine.query(&question)?.rows.into_iter().flatten();
    Ok(models.filter_map(|model| Some(format!("{schema}.{}", model.text()?))).collect())
}

/// What a plan comes to, a line for each object.
fn in_short(plan: &Plan) -> String {
    let line = |step: &Step| {
        let what = match step.outcome {
            Outcome::LeftAlone => "left alone",
            Outcome::NotLanded => "not landed yet, read as empty",
            Outcome::Created => "created",
            Outcome::Rebuilt => "rebuilt",
            Outcome::Refreshed => "refreshed",
            Outcome::Replaced => "replaced",
        };
        format!("  {:<44} {what}\n", step.object)
    };
    plan.steps.iter().map(line).collect()
}

fn sql(plan: &Plan) -> Vec<String> {
    // Schema and record are made before the lock is taken.
    let others = plan.steps.iter().filter(|step| step.subject != Subject::Schema);
    others.flat_map(Step::todo).map(|one| one.sql.clone()).collect()
}

/// What an apply of the project would do to a database as it is.
pub(super) fn plan(
    opened: &Opened,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
    full: bool,
) -> Result<Plan> {
    planned(opened, &look(opened, warehouse, engine)?, full)
}

/// What an apply of the project would do to what was found.
pub(super) fn planned(opened: &Opened, found: &Found, full: bool) -> Result<Plan> {
    let (plan, problems) = planned_anyway(opened, found, full)?;
    Diagnostics::check(found.catalog.distrust())?;
    Diagnostics::check(problems)?;
    Ok(plan)
}

/// The same, and all that stands in the way of it.
pub(super) fn planned_anyway(
    opened: &Opened,
    found: &Found,
    full: bool,
) -> Result<(Plan, Vec<Diagnostic>)> {
    let Found { dialect, catalog, warehouse, .. } = found;
    // Before anything was read, all has changed: then building in full is the faster way to the same rows.
    let is_first = warehouse
        .watermarks
        .as_ref()
        .is_some_and(|table| catalog.find(&warehouse.models_schema, &table.name).is_none());
    let file = opened.file_name();
    let render = if full || is_first { render_full } else { render };
    let files = render(warehouse, dialect, &opened.library, &file)?;
    engine::plan_anyway(&opened.project, warehouse, dialect, &opened.library, &files, catalog)
}

fn describe(step: &Step, report: &StepReport) -> String {
    let time = seconds(report.time);
    match report.outcome {
        Outcome::LeftAlone if step.absent.is_empty() => "there already, left alone".to_owned(),
        Outcome::LeftAlone => {
            format!(
                "there already, left alone; not landed yet, so NULL: {}",
                step.absent.join(", ")
            )
        }
        Outcome::NotLanded => "not landed yet, read as empty".to_owned(),
        Outcome::Replaced => format!("replaced in {time}"),
        Outcome::Created if report.inserted == 0 => format!("created in {time}"),
        Outcome::Created => format!("created, {} rows in {time}", report.inserted),
        Outcome::Rebuilt | Outcome::Refreshed => {
            let did = if report.outcome == Outcome::Rebuilt { "rebuilt" } else { "refreshed" };
            format!("{did}, {} rows written, {} removed in {time}", report.inserted, report.deleted)
        }
    }
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
