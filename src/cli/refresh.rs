//! `idgraph refresh`: brings the models up to date with what landed.

use super::build::{self, Options};
use super::confirm::Consent;
use super::{Opened, Verdict, named};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::{self, Access, Outcome, Plan, Step};
use crate::migrate::{Folder, folder_of};
use crate::project::Model;
use crate::render::{Action, Given, Subject};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) options: Options,
    /// Build incremental models anew, from all landed rows
    #[arg(long)]
    full: bool,
    /// Only this model (can be given again)
    #[arg(long, value_name = "MODEL")]
    select: Vec<String>,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let on: Vec<&str> = opened.project.models.iter().map(|choice| choice.model.name()).collect();
    for name in &arguments.select {
        if !on.contains(&name.as_str()) {
            return Err(Diagnostic::error(
                "unknown-model",
                format!("the project builds no model `{name}`"),
            )
            .help(named(name, &on))
            .into());
        }
    }
    let selected = |model: Model| {
        arguments.select.is_empty() || arguments.select.iter().any(|name| name == model.name())
    };
    let (options, full) = (&arguments.options, arguments.full);
    let migrations =
        folder_of(&opened.project.path, engine::dialect_of(&opened.project, &opened.target)?);
    let has_migrations = super::migrated::has_folder(&migrations)?;
    if has_migrations {
        // What the database lacks is then the least that is wrong.
        Folder::check_whole(&migrations)?;
    }
    let choose = |plan: Plan| {
        let (mut steps, others): (Vec<_>, Vec<_>) =
            plan.steps.into_iter().partition(|step| is_refreshed(step, selected));
        if has_migrations {
            Diagnostics::check(steps.iter().flat_map(lacks).collect())?;
        }
        steps.iter_mut().for_each(only_fill);
        Ok((Plan { steps }, others))
    };
    build::run(opened, options, Access::Change, Consent::Given, full, "refreshed", choose)
}

/// Columns that the table of a step lacks: where there are migrations, one of them adds these.
fn lacks(step: &Step) -> Vec<Diagnostic> {
    let gives = step.statements.iter().flat_map(|statement| &statement.gives);
    let names = gives.filter_map(|given| match given {
        Given::Column { name, .. } => Some(name),
        _ => None,
    });
    let lack = |name: &String| {
        Diagnostic::error("pending", format!("{} has no column {name} yet", step.object))
            .note("the project asks for it, and a migration adds it")
            .help("run `idgraph migrate new` if there is no such migration, then `idgraph apply`")
    };
    names.map(lack).collect()
}

/// A table that is there is described and indexed already, which takes its owner. One that gains a column is described anew.
fn only_fill(step: &mut Step) {
    let is_there = matches!(step.outcome, Outcome::Rebuilt | Outcome::Refreshed);
    let gains = step.statements.iter().any(|statement| !statement.gives.is_empty());
    if is_there && !gains {
        step.statements.retain(|statement| statement.action != Action::Attend);
    }
}

/// Whether a refresh of the models that are `selected` runs a step.
pub(super) fn is_refreshed(step: &Step, selected: impl Fn(Model) -> bool) -> bool {
    match step.subject {
        // A view is always up to date.
        Subject::Model(model) => {
            selected(model) && !matches!(step.outcome, Outcome::Replaced | Outcome::LeftAlone)
        }
        Subject::State => true,
        Subject::Schema | Subject::Landed | Subject::Schedule => false,
    }
}
