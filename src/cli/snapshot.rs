//! What `verify` and `explain` have in common: a target that they read in one snapshot and cannot change.

use super::build::{Found, look, planned_to_read};
use super::{Opened, output};
use crate::diagnostic::Result;
use crate::engine::{self, Access, Engine, Interrupt, Plan};
use crate::verify::ready;
use crate::warehouse::Warehouse;

/// How a report is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Reads a target whose tables are all there.
pub(super) fn read<T>(
    opened: &Opened,
    target: &str,
    reading: impl FnOnce(&mut dyn Engine, &Found, &Plan) -> Result<T>,
) -> Result<T> {
    let interrupt = Interrupt::of_process();
    let mut engine = engine::connect(&opened.project, target, Access::Read)?;
    let warehouse = Warehouse::of(&opened.project);
    engine::read(engine.as_mut(), &interrupt, |engine| {
        let mut found = look(opened, &warehouse, engine)?;
        let plan = planned_to_read(opened, &mut found, target)?;
        ready(&opened.project, &found.warehouse, &found.catalog, &plan, target)?;
        reading(engine, &found, &plan)
    })
}

/// Says what is going on, to those who wait.
pub(super) fn doing(what: &str) {
    output::message(format_args!("{what}"));
}
