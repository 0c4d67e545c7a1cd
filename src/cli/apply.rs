//! `idgraph apply`: creates what is missing in a database and builds the models.

use super::build::{self, Options};
use super::{Opened, Verdict};
use crate::diagnostic::Result;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    build::run(opened, &arguments.options, false, "applied to", |_| true)
}
