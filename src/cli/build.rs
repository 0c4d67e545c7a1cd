//! What `apply` and `refresh` have in common: plan, run or dry-run, progress.

use std::collections::BTreeSet;
use std::sync::Once;
use std::time::{Duration, Instant};

use super::behind;
use super::confirm::{Agreed, Change, Consent, Proposal};
use super::in_full::{self, Said};
use super::{Opened, Verdict, gone, not_there, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{
    self, Access, Catalog, Deletions, Engine, Interrupt, Outcome, Plan, Step, StepReport, Views,
};
use crate::introspect::landed_in;
use crate::project::words::{count, many};
use crate::render::{
    Action, Bookkeeping, ObjectRef, Statement, Subject, check_limits, render, render_full,
    render_landed,
};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Print the very SQL, run it in a transaction and roll that back
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Say each statement, and what is left alone
    #[arg(long, short)]
    pub(super) verbose: bool,
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
        let found = look_at_views(opened, &warehouse, engine)?;
        found.say_what_lacks();
        let (all, in_the_way) = planned_steps(opened, &found, full)?;
        Diagnostics::check(found.catalog.distrust())?;
        if access == Access::Change {
            // A refresh may not own the views.
            behind::say(&found, &all);
        }
        let (plan, others) = choose(all)?;
        Diagnostics::check(
            [in_the_way, plan.in_the_way(), in_the_way_of(&plan, &others)].concat(),
        )?;
        let said = if full { Vec::new() } else { in_full::found(opened, &found, engine)? };
        needs_none_of(&plan, &others)?;
        Ok((plan, said, found))
    };
    let proposal = |(plan, ..): &(Plan, Vec<Said>, Found)| {
        Some(Proposal { shown: in_short(plan), agreed: sql(plan) })
    };
    let agreed = change.agreed(look, proposal)?;
    if matches!(agreed, Agreed::ToNothing(_)) {
        return Ok(agreed.verdict());
    }
    interrupt.check()?;
    let mut engine = engine::connect(&opened.project, &opened.target, access)?;
    let mut warning = None;
    change.with_patience(engine.as_mut(), |engine| {
        let counted = gone::counted(opened, &warehouse, engine)?;
        let (plan, said, found) = change.locked(engine, &agreed, look, proposal)?;
        interrupt.check()?;
        for said in said.iter().filter(|said| said.concerns(&plan)) {
            output::message(format_args!("{}", said.text));
        }
        let makes = access == Access::Create;
        let of = (&found.warehouse, &found.dialect, &opened.library);
        let mut deletions = Deletions::new(of, counted, full);
        let noted = (&warehouse, makes, Some(&mut deletions));
        carry_out(opened, options, noted, engine, &plan, &interrupt)?;
        warning = gone::warning(deletions.found(), &warehouse.models_schema, &opened.target);
        Ok(())
    })?;
    if let Some(warning) = warning {
        output::message(format_args!("warning: {warning}"));
    }
    let time = seconds(start.elapsed());
    if options.dry_run {
        output::message(format_args!("rolled back after {time}: nothing changed"));
    } else {
        output::message(format_args!("{did} {} in {time}", opened.target));
    }
    Ok(Verdict::Fine)
}

/// Runs a plan, or shows what it runs and takes it back.
pub(super) fn carry_out(
    opened: &Opened,
    options: &Options,
    (warehouse, makes, deletions): (&Warehouse, bool, Option<&mut Deletions<'_>>),
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
) -> Result<()> {
    let mut done = 0;
    let next = |done: usize| {
        if let Some(step) = plan.steps.get(done) {
            let of = plan.steps.len();
            output::passing(format_args!("{}/{of} {}", done + 1, step.object));
        }
    };
    let mut progress = |step: &Step, report: &StepReport| {
        done += 1;
        if options.verbose || report.outcome != Outcome::LeftAlone || !step.absent.is_empty() {
            output::message(format_args!("{:<44} {}", step.object, describe(step, report)));
        }
        if options.verbose {
            step.todo().for_each(|one| output::message(format_args!("  {}", first_line(&one.sql))));
        }
        next(done);
    };
    next(0);
    if options.dry_run {
        for sql in plan.script(&engine.begin_script(), "ROLLBACK") {
            output::text(&format!("{sql};\n\n"))?;
        }
        return engine::dry_run(engine, plan, interrupt, &mut progress);
    }
    let dialect = Dialect::load(&opened.library, engine.dialect())?;
    let books = Bookkeeping::new(warehouse, &dialect, &opened.library)?;
    engine::apply_noting(engine, plan, (&books, makes, deletions), interrupt, &mut progress)
}

/// Makes the landed tables in a sandbox, where Segment does not.
pub(super) fn make_landed(
    opened: &Opened,
    warehouse: &Warehouse,
    dialect: &Dialect,
    engine: &mut dyn Engine,
) -> Result<()> {
    let file =
        render_landed(&dialect.lands(warehouse), dialect, &opened.library, &opened.file_name())?;
    // The sandbox has its schemas already.
    let makes = |one: &&Statement| one.action != Action::CreateSchema;
    engine.execute(engine.begin_sql())?;
    for statement in file.statements().filter(makes) {
        engine.execute(&statement.sql)?;
    }
    engine.execute("COMMIT").map(drop)
}

/// What a statement begins with, its comments aside.
fn first_line(sql: &str) -> &str {
    let any = || sql.lines().map(str::trim).find(|line| !line.is_empty());
    engine::code_line(sql).or_else(any).unwrap_or_default()
}

/// What stands in the way of steps that are left out, where a plan reads what they are about.
fn in_the_way_of(plan: &Plan, others: &[Step]) -> Vec<Diagnostic> {
    let statements = plan.steps.iter().flat_map(|step| &step.statements);
    let read: BTreeSet<&ObjectRef> = statements.flat_map(|one| &one.reads).collect();
    let others = others.iter().filter(|other| read.contains(&other.target));
    others.flat_map(|other| other.in_the_way.iter().cloned()).collect()
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
    let makes_schema =
        |step: &Step| step.statements.iter().any(|one| one.action == Action::CreateSchema);
    let needed: Vec<&Step> = others.iter().filter(is_needed).collect();
    // The record of what idgraph built is missed by nobody where what it built is not there.
    let told = |step: &&&Step| step.subject != Subject::Schema || makes_schema(step);
    let Some(missing) = needed.iter().find(told).or(needed.first()) else { return Ok(()) };
    Err(match makes_schema(missing) {
        true => not_there("no-schema", &format!("schema {}", missing.object)),
        false => not_there("no-table", &format!("table {}", missing.object)),
    }
    .into())
}

/// A database as it is, and what the project is to it.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) dialect: Dialect,
    pub(super) catalog: Catalog,
    /// The warehouse, less the columns that have not landed.
    pub(super) warehouse: Warehouse,
    /// The extensions that the SQL would use, and that are not there or not to be called.
    without: Vec<String>,
    /// That nothing is there of what models with rows were built from.
    vanished: Option<Diagnostic>,
    /// What is noted of the views that are there.
    pub(super) views: Views,
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
                     administrator run: CREATE EXTENSION {name} WITH SCHEMA public; where it stands already, grant USAGE on its schema"
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
    engine.preflight()?;
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
    let warehouse = as_it_is(warehouse, &dialect, &catalog);
    let of = (&warehouse, &dialect);
    let vanished = engine::nothing_landed(&opened.project, of, &catalog, engine)?;
    Ok(Found { dialect, catalog, warehouse, without, vanished, views: Views::default() })
}

/// The warehouse as a database has it.
pub(super) fn as_it_is(warehouse: &Warehouse, dialect: &Dialect, catalog: &Catalog) -> Warehouse {
    let landed = landed_in(catalog, &warehouse.space);
    dialect.lands(warehouse).as_landed(&landed).as_built(|name| {
        let found = catalog.find(&warehouse.models_schema, name)?;
        Some(found.columns.iter().map(|column| column.name.as_str()).collect())
    })
}

/// Looks at it with what is noted of views, so that those which would not change are left alone.
pub(super) fn look_at_views(
    opened: &Opened,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
) -> Result<Found> {
    let mut found = look(opened, warehouse, engine)?;
    found.views = Views::read(engine, &found.warehouse, &found.catalog)?;
    Ok(found)
}

/// What a plan comes to, a line for each object.
pub(super) fn in_short(plan: &Plan) -> String {
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
    let changed = |step: &&Step| step.outcome != Outcome::LeftAlone;
    plan.steps.iter().filter(changed).map(line).collect()
}

pub(super) fn sql(plan: &Plan) -> Vec<String> {
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

/// The same for who only reads: what was restored, or made again under the name of ours, may be looked at.
pub(super) fn planned_to_read(opened: &Opened, found: &mut Found, target: &str) -> Result<Plan> {
    note_others(&found.catalog.for_reading(), &opened.project.models_schema.value, target);
    let (plan, problems) = planned_anyway(opened, found, false)?;
    Diagnostics::check(problems)?;
    Ok(plan)
}

/// Says what is read though idgraph did not make it.
pub(super) fn note_others(names: &[String], schema: &str, target: &str) {
    if !names.is_empty() {
        output::message(format_args!(
            "note: restored, or made again by others, and read as it is: {}; `idgraph apply --target {target} --adopt '{schema}.*'` hands it over",
            names.join(", ")
        ));
    }
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
    let (plan, mut problems) = planned_steps(opened, found, full)?;
    problems.extend(plan.in_the_way());
    Ok((plan, problems))
}

/// The same, with what stands in the way of a step in that.
fn planned_steps(opened: &Opened, found: &Found, full: bool) -> Result<(Plan, Vec<Diagnostic>)> {
    let Found { dialect, catalog, warehouse, views, .. } = found;
    // Before anything was read, all has changed: then building in full is the faster way to the same rows.
    let is_first = warehouse
        .watermarks
        .as_ref()
        .is_some_and(|table| catalog.find(&warehouse.models_schema, &table.name).is_none());
    let file = opened.file_name();
    let render = if full || is_first { render_full } else { render };
    let files = render(warehouse, dialect, &opened.library, &file)?;
    let library = &opened.library;
    let (mut plan, mut problems) =
        engine::plan_anyway(&opened.project, warehouse, dialect, library, &files, catalog)?;
    problems.extend(found.vanished.clone());
    views.leave_alone(&mut plan);
    Ok((plan, problems))
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
        Outcome::Created => format!("created, {} in {time}", many(report.inserted, "row")),
        Outcome::Rebuilt | Outcome::Refreshed => {
            let did = if report.outcome == Outcome::Rebuilt { "rebuilt" } else { "refreshed" };
            let (written, removed) = (many(report.inserted, "row"), count(report.deleted));
            format!("{did}, {written} written, {removed} removed in {time}")
        }
    }
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
