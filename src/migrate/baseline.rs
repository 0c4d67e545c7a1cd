//! A database that is there already: its migrations are taken for applied.

use super::folder::Folder;
use super::ledger::Ledger;
use super::pending::{Run, pending};
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::Dialect;
use crate::render::Noted;

/// The migrations up to a number that the ledger does not know yet.
///
/// # Errors
/// When there is no such number, or folder and ledger do not agree.
pub fn unnoted(folder: &Folder, dialect: &Dialect, ledger: &Ledger, to: u32) -> Result<Vec<Run>> {
    if to < ledger.newest().map_or(0, |entry| entry.number) {
        return Err(Diagnostic::error("baseline", format!("the database is past {to:04} already"))
            .help("`idgraph status` shows what it has run; `idgraph apply --to N` goes back")
            .into());
    }
    let runs = pending(folder, dialect, ledger, Some(to))?;
    if let Some(run) = runs.iter().find(|run| run.is_noted) {
        return Err(Diagnostic::error(
            "migration-halfway",
            format!("{} stopped halfway", run.file.name),
        )
        .help("run `idgraph apply` first, which goes on where it stopped")
        .into());
    }
    Ok(runs)
}

/// What the ledger is to say of migrations that are taken for applied.
pub fn noted(runs: &[Run]) -> Vec<Noted<'_>> {
    runs.iter().map(|run| run.file.noted(true)).collect()
}
