//! `idgraph lint`: checks with names.

use super::{Opened, Verdict, annotations, output, render};
use crate::diagnostic::{Diagnostic, Result, Severity};
use crate::dialect::Dialect;
use crate::lint::{Migrations, Subject, lint};
use crate::migrate::{Folder, folder_of};
use crate::project::Project;

/// Nobody reads more than this in one go.
pub(super) const SHOWN: usize = 50;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How findings are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Exit 1 on warnings too
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// With the line, the reason and what to do
    #[default]
    Text,
    /// An array of objects
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let project = &opened.project;
    let found = found(opened)?;
    match arguments.format {
        Format::Text => {
            for one in found.iter().take(SHOWN) {
                output::styled(&format!("{}\n", one.render(true)))?;
            }
            if let Some(more) = found.len().checked_sub(SHOWN + 1) {
                let more = more + 1;
                output::message(format_args!("{more} more are not shown; --format json lists all"));
            }
        }
        Format::Json => output::text(&annotations::json(&found)?)?,
        Format::Github => output::text(&annotations::github(&found))?,
        Format::Gitlab => output::text(&annotations::gitlab(&found)?)?,
    }
    output::message(format_args!("{}: {}", project.path.display(), summary(&found)));
    Ok(verdict(&found, arguments.deny_warnings))
}

/// All that the rules find.
pub(super) fn found(opened: &Opened) -> Result<Vec<Diagnostic>> {
    let project = &opened.project;
    let names = project.dialects.iter();
    let dialects = names
        .map(|dialect| Ok(Dialect::load(&opened.library, &dialect.value)?.of_project(project)))
        .collect::<Result<Vec<_>>>()?;
    let migrations = migrations(project, &dialects)?;
    let found = lint(&Subject { project, dialects: &dialects, migrations: &migrations });
    Ok(render::refused(opened, &dialects).into_iter().chain(found).collect())
}

/// The migrations of the dialects that say what statements lock: nothing is found in others'.
fn migrations<'a>(project: &Project, dialects: &'a [Dialect]) -> Result<Vec<Migrations<'a>>> {
    let mut all = Vec::new();
    for dialect in dialects.iter().filter(|one| !one.facts.locks.statements.is_empty()) {
        let folder = Folder::read(&folder_of(&project.path, &dialect.name))?.unwrap_or_default();
        let files = folder.migrations.iter().map(|one| one.up.read(dialect));
        all.push(Migrations { dialect, files: files.collect::<Result<_>>()? });
    }
    Ok(all)
}

/// Whether it is bad enough.
pub(super) fn verdict(found: &[Diagnostic], deny_warnings: bool) -> Verdict {
    let is_denied = |one: &Diagnostic| deny_warnings || one.severity() == Severity::Error;
    if found.iter().any(is_denied) { Verdict::Found } else { Verdict::Fine }
}

/// `1 error, 2 warnings`
pub(super) fn summary(found: &[Diagnostic]) -> String {
    let errors = found.iter().filter(|one| one.severity() == Severity::Error).count();
    format!("{}, {}", counted(errors, "error"), counted(found.len() - errors, "warning"))
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
