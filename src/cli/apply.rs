//! `idgraph apply`: creates what is missing in a database and builds the models.

use std::time::{Duration, Instant};

use super::{Opened, Verdict, output};
use crate::diagnostic::{Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Engine, Interrupt, Missing, Outcome, Plan, Step, StepReport};
use crate::render::{check_limits, render};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The target, one of the project's `targets`
    #[arg(long, value_name = "NAME")]
    target: String,
    /// Print the very SQL, run it in a transaction and roll that back
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for what another session has locked, such as another apply
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    lock_timeout: u32,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let start = Instant::now();
    let interrupt = Interrupt::of_process();
    let missing = if arguments.dry_run { Missing::Pretend } else { Missing::Create };
    let mut engine = engine::connect(&opened.project, &arguments.target, missing)?;
    let warehouse = Warehouse::of(&opened.project);
    let patience = Duration::from_secs(arguments.lock_timeout.into());
    engine.lock(&warehouse.models_schema, patience, &interrupt)?;
    let plan = plan(opened, &warehouse, engine.as_mut())?;
    interrupt.check()?;
    let mut file = String::new();
    let mut progress = |step: &Step, report: &StepReport| {
        if file != step.file {
            step.file.clone_into(&mut file);
            output::message(format_args!("{file}"));
        }
        output::message(format_args!("  {:<44} {}", step.object, describe(report)));
    };
    if arguments.dry_run {
        for sql in plan.script(engine.begin_sql(), "ROLLBACK") {
            output::text(&format!("{sql};\n\n"))?;
        }
        engine::dry_run(engine.as_mut(), &plan, &interrupt, &mut progress)?;
        output::message(format_args!(
            "rolled back after {}: nothing changed",
            seconds(start.elapsed())
        ));
    } else {
        engine::apply(engine.as_mut(), &plan, &interrupt, &mut progress)?;
        output::message(format_args!(
            "applied to {} in {}",
            arguments.target,
            seconds(start.elapsed())
        ));
    }
    Ok(Verdict::Fine)
}

/// What an apply of the project would do to a database as it is.
pub(super) fn plan(
    opened: &Opened,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
) -> Result<Plan> {
    let dialect = Dialect::load(&opened.library, engine.dialect())?;
    Diagnostics::check(check_limits(&opened.project, warehouse, &dialect))?;
    let files = render(warehouse, &dialect, &opened.library, &opened.file_name())?;
    let catalog = engine.catalog(&[&warehouse.space, &warehouse.models_schema])?;
    engine::plan(&opened.project, warehouse, &dialect, &opened.library, &files, &catalog)
}

fn describe(report: &StepReport) -> String {
    let time = seconds(report.time);
    match report.outcome {
        Outcome::LeftAlone => "there already, left alone".to_owned(),
        Outcome::Ensured => format!("there, or created, in {time}"),
        Outcome::Replaced => format!("replaced in {time}"),
        Outcome::Created if report.inserted == 0 => format!("created in {time}"),
        Outcome::Created => format!("created, {} rows in {time}", report.inserted),
        Outcome::Rebuilt => format!(
            "rebuilt, {} rows written, {} removed in {time}",
            report.inserted, report.deleted
        ),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
