//! Runs a plan: in one transaction, all of it or nothing.

use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::plan::{Plan, Step};
use super::{Engine, Outcome};
use crate::diagnostic::Result;
use crate::render::{Action, Statement};

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
    run(engine, plan, interrupt, progress, "COMMIT")
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
    run(engine, plan, interrupt, progress, "ROLLBACK")
}

impl Plan {
    /// Every statement as it runs, `end` (COMMIT or ROLLBACK) last.
    pub fn script<'a>(&'a self, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
        let steps = self.steps.iter().flat_map(|step| &step.statements);
        let statements = steps.filter(|one| !is_transaction(one)).map(|one| one.sql.as_str());
        [begin].into_iter().chain(statements).chain([end])
    }
}

fn run(
    engine: &mut dyn Engine,
    plan: &Plan,
    interrupt: &Interrupt,
    progress: Progress<'_>,
    end: &str,
) -> Result<()> {
    interrupt.ends(engine.interrupter());
    let result = steps(engine, plan, interrupt, progress).and_then(|()| {
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
        for statement in step.statements.iter().filter(|one| !is_transaction(one)) {
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

/// Rendered files carry their own transactions; an apply is one transaction around all of them.
fn is_transaction(statement: &Statement) -> bool {
    matches!(statement.action, Action::Begin | Action::Commit)
}
