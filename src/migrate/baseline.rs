//! A database that is there already: migrations are taken for applied, and what others made is handed over by name.

use super::directive::dotted;
use super::drift::misfits;
use super::folder::Folder;
use super::ledger::Ledger;
use super::pending::{Run, pending};
use crate::diagnostic::{Diagnostic, Diagnostics, Result, meant};
use crate::dialect::Dialect;
use crate::engine::Catalog;
use crate::render::{Bookkeeping, Noted, Statement};
use crate::warehouse::{ModelTable, Warehouse};

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

/// The statements that hand objects over to idgraph, which may change them from then on.
///
/// # Errors
/// With every object that is no model of the project, is not there, or is not what the project asks for.
pub fn adopt(
    names: &[String],
    warehouse: &Warehouse,
    dialect: &Dialect,
    catalog: &Catalog,
    books: &Bookkeeping<'_>,
) -> Result<Vec<Statement>> {
    let mut problems = Vec::new();
    let mut statements = Vec::new();
    let models: Vec<(String, &ModelTable)> = warehouse
        .models
        .iter()
        .map(|table| (dotted(&[&warehouse.models_schema, &table.name]), table))
        .collect();
    for name in names {
        let Some((_, table)) = models.iter().find(|(known, _)| known == name) else {
            let known: Vec<&str> = models.iter().map(|(known, _)| known.as_str()).collect();
            problems.push(
                Diagnostic::error("adopt", format!("{name} is no model of the project"))
                    .note("only models are handed over: landed tables stay Segment's")
                    .help(meant(name, &known)),
            );
            continue;
        };
        let Some(found) = catalog.find(&warehouse.models_schema, &table.name) else {
            problems.push(
                Diagnostic::error("adopt", format!("there is no {name} in the database"))
                    .help("leave it out: what is not there, idgraph makes itself"),
            );
            continue;
        };
        if found.is_ours {
            continue;
        }
        let misfits = misfits(&warehouse.models_schema, found, table, dialect);
        if !misfits.is_empty() {
            let problem =
                Diagnostic::error("adopt", format!("{name} is not what the project asks for"));
            let problem = misfits.iter().fold(problem, |all, one| all.note(one.to_string()));
            problems
                .push(problem.help("make it fit, or move it away and let idgraph build its own"));
            continue;
        }
        match books.adopt(table)? {
            Some(sign) => statements.extend(sign),
            None => problems.push(
                Diagnostic::error(
                    "adopt",
                    format!("{name} cannot be handed over on {}", dialect.facts.title),
                )
                .note("there the sign of ownership is part of the statement that made the table")
                .help("rename the table and let idgraph build its own"),
            ),
        }
    }
    Diagnostics::check(problems)?;
    Ok(statements)
}
