//! `idgraph refresh`: brings the models up to date with what landed.

use super::build::{self, Options};
use super::confirm::Consent;
use super::{Opened, Verdict, named};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Access, Outcome, Step};
use crate::project::Model;
use crate::render::Subject;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: Options,
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
    build::run(opened, options, Access::Change, Consent::Given, full, "refreshed", |step| {
        is_refreshed(step, selected)
    })
}

/// Whether a refresh of the models that are `selected` runs a step.
pub(super) fn is_refreshed(step: &Step, selected: impl Fn(Model) -> bool) -> bool {
    match step.subject {
        // A view is always up to date.
        Subject::Model(model) => selected(model) && step.outcome != Outcome::Replaced,
        Subject::State => true,
        Subject::Schema | Subject::Landed | Subject::Schedule => false,
    }
}
