//! `idgraph apply`: runs the pending migrations; where there are none, creates what is missing and builds the models.

use super::adopted;
use super::build::{self, Options};
use super::confirm::Consent;
use super::migrated::{self, MigrationOptions};
use super::{Opened, Verdict};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Access;
use crate::migrate::folder_of;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(flatten)]
    migrations: MigrationOptions,
    /// Do not ask before something changes; needed where there is no terminal
    #[arg(long, short = 'y')]
    yes: bool,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let Arguments { options, migrations, yes } = arguments;
    let consent = || Consent::of(*yes || options.dry_run);
    if let Some(names) = migrations.only_adopts() {
        return adopted::run(opened, options, names, consent()?);
    }
    if let Some((folder, dialect)) = migrated::folder(opened, &opened.target)? {
        return migrated::run(opened, options, migrations, &folder, dialect, consent()?);
    }
    if let Some(option) = migrations.given() {
        let dialect = crate::engine::dialect_of(&opened.project, &opened.target)?;
        let folder = folder_of(&opened.project.path, dialect);
        return Err(Diagnostic::error(
            "no-migrations",
            format!("{option} is about migrations, and there is no {}", folder.display()),
        )
        .help("`idgraph migrate new` writes the first one")
        .into());
    }
    let access = if options.dry_run { Access::Pretend } else { Access::Create };
    build::run(opened, options, access, consent()?, false, "applied to", |plan| {
        Ok((plan, Vec::new()))
    })
}
