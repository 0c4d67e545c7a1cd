//! Runs a plan: in one transaction, all of it or nothing.

use std::time::{Duration, Instant};

use super::deletions::Deletions;
use super::interrupt::Interrupt;
use super::plan::{Plan, Step};
use super::views::noted;
use super::{Engine, Outcome};
use crate::diagnostic::Result;
use crate::render::{Action, Bookkeeping, Statement, Subject};

/// What a step did.
#[derive(Debug, Clone)]
pub struct StepReport {
    /// What happened to the object.
    pub outcome: Outcome,
    /// Rows added.
    pub inserted: u64,
    /// Rows taken out.
    pub deleted: u64,
    /// How long it took.
    pub time: Duration,
}

/// Is told of each step when it is done.
pub type Progress<'a> = &'a mut dyn FnMut(&Step, &StepReport);

/// Runs a plan and commits.
///
/// # Errors
/// When a statement fails or the user interrupts: then nothing has changed.
pub fn apply(
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
    progress: Progress<'_>,
) -> Result<()> {
    run(engine, plan, interrupt, progress, ("COMMIT", None))
}

/// As [`apply`]; notes with the rows when each model was brought up to date. The table for that is made where it is
/// not there and `makes`; else nothing is noted. `deletions` says which rows no landed row leads to any more.
///
/// # Errors
/// As [`apply`].
pub fn apply_noting(
    engine: &mut dyn Engine,
    plan: &Plan,
    (books, makes, deletions): (&Bookkeeping<'_>, bool, Option<&mut Deletions<'_>>),
    interrupt: &Interrupt,
    progress: Progress<'_>,
) -> Result<()> {
    let noting = Noting { books, makes, deletions };
    run(engine, plan, interrupt, progress, ("COMMIT", Some(noting)))
}

/// Runs a plan and rolls back.
///
/// # Errors
/// As [`apply`].
pub fn dry_run(
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
    progress: Progress<'_>,
) -> Result<()> {
    run(engine, plan, interrupt, progress, ("ROLLBACK", None))
}

/// What is noted of a run, and where.
struct Noting<'a, 'b> {
    books: &'a Bookkeeping<'a>,
    makes: bool,
    deletions: Option<&'a mut Deletions<'b>>,
}

impl Plan {
    /// Every statement as it runs, between what begins the transaction and its end (COMMIT or ROLLBACK).
    pub fn script<'a>(
        &'a self,
        begin: &'a [String],
        end: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let statements = self.steps.iter().flat_map(Step::todo).map(|one| one.sql.as_str());
        begin.iter().map(String::as_str).chain(statements).chain([end])
    }
}

impl Step {
    /// The statements that run. Rendered files carry their own transactions; an apply is one around all of them.
    pub fn todo(&self) -> impl Iterator<Item = &Statement> {
        let is_transaction =
            |one: &&Statement| matches!(one.action, Action::Begin | Action::Commit);
        self.statements.iter().filter(move |one| !is_transaction(one))
    }
}

fn run(
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
    progress: Progress<'_>,
    (end, noting): (&str, Option<Noting<'_, '_>>),
) -> Result<()> {
    interrupt.ends(engine.interrupter());
    let mut reports = Vec::new();
    let mut both = |step: &Step, report: &StepReport| {
        if matches!(step.subject, Subject::Model(_)) {
            reports.push((step.clone(), report.clone()));
        }
        progress(step, report);
    };
    let result = steps(engine, plan, interrupt, &mut both).and_then(|()| {
        if let Some(mut noting) = noting {
            if let Some(deletions) = &mut noting.deletions {
                deletions.look(engine, interrupt, &reports)?;
            }
            note(engine, &noting, &reports)?;
        }
        interrupt.check()?;
        engine.execute(end).map(|_| ())
    });
    if result.is_err() {
        // The connection may be gone; then the database has rolled back by itself.
        let _ = engine.execute("ROLLBACK");
    }
    match result {
        Err(_) if interrupt.is_wanted() => Err(Interrupt::stopped().into()),
        other => other,
    }
}

/// Notes what was done to each model.
fn note(
    engine: &mut dyn Engine,
    Noting { books, makes, deletions }: &Noting<'_, '_>,
    reports: &[(Step, StepReport)],
) -> Result<()> {
    let catalog = engine.catalog(&[books.models_schema()])?;
    let found = catalog.find(books.models_schema(), &books.refreshes().name);
    let mut statements = Vec::new();
    match found {
        Some(found) if found.is_ours => {}
        None if *makes => statements.extend(books.create(books.refreshes())?),
        // A refresh may lack the right to make tables, and a table of that name that is not ours stays as it is.
        _ => return Ok(()),
    }
    for (step, report) in reports {
        let model = &step.target.name;
        let how = match report.outcome {
            Outcome::Created => "created",
            Outcome::Rebuilt => "rebuilt",
            Outcome::Refreshed => "refreshed",
            Outcome::Replaced => "replaced",
            Outcome::LeftAlone | Outcome::NotLanded => continue,
        };
        let rows = (report.inserted, report.deleted);
        let view = engine.view(books.models_schema(), model)?.map(|view| noted(step, &view));
        let deletions = deletions.as_ref().and_then(|deletions| deletions.noted(model));
        let more = (report.time.as_secs_f64(), view.as_deref(), deletions);
        statements.extend(books.refreshed((model, how), rows, more)?);
    }
    statements.iter().try_for_each(|one| engine.execute(&one.sql).map(|_| ()))
}

fn steps(
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
    progress: Progress<'_>,
) -> Result<()> {
    let begin = engine.begin_sql();
    engine.execute(begin)?;
    for step in &plan.steps {
        let start = Instant::now();
        let (mut inserted, mut deleted) = (0, 0);
        for statement in step.todo() {
            interrupt.check()?;
            let rows = engine.execute(&statement.sql)?;
            if statement.target.as_ref() != Some(&step.target) {
                continue;
            }
            match statement.action {
                Action::Insert => inserted += rows,
                Action::Delete => deleted += rows,
                _ => {}
            }
        }
        let report = StepReport { outcome: step.outcome, inserted, deleted, time: start.elapsed() };
        progress(step, &report);
    }
    Ok(())
}
