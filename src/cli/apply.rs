//! `idgraph apply`: creates what is missing in a database and builds the models.

use super::build::{self, Options};
use super::{Opened, Verdict};
use crate::diagnostic::Result;
use crate::engine::Missing;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let options = &arguments.options;
    let missing = if options.dry_run { Missing::Pretend } else { Missing::Create };
    build::run(opened, options, missing, false, "applied to", |_| true)
}
