//! A database that is there already: migrations are taken for applied, and what others made is handed over by name.

use super::directive::dotted;
use super::folder::Folder;
use super::ledger::Ledger;
use super::pending::pending;
use super::sum::ALGORITHM;
use crate::diagnostic::{Diagnostic, Diagnostics, Result, meant};
use crate::dialect::Dialect;
use crate::engine::{Catalog, Found, Kind};
use crate::project::Materialization;
use crate::render::{Bookkeeping, Noted, Statement};
use crate::warehouse::{ModelTable, TableColumn, Warehouse};

/// The migrations up to a number that the ledger does not know yet.
///
/// # Errors
/// When there is no such number, or folder and ledger do not agree.
pub fn noted<'a>(folder: &'a Folder, ledger: &Ledger, to: u32) -> Result<Vec<Noted<'a>>> {
    if to < ledger.newest().map_or(0, |entry| entry.number) {
        return Err(Diagnostic::error("baseline", format!("the database is past {to:04} already"))
            .help("`idgraph status` shows what it has run; `idgraph apply --to N` goes back")
            .into());
    }
    let runs = pending(folder, ledger, Some(to))?;
    if let Some(run) = runs.iter().find(|run| run.is_noted) {
        return Err(Diagnostic::error(
            "migration-halfway",
            format!("{} stopped halfway", run.file.name),
        )
        .help("run `idgraph apply` first, which goes on where it stopped")
        .into());
    }
    let noted = |file: &'a super::MigrationFile| Noted {
        number: file.name.number,
        name: &file.name.name,
        checksum: &file.checksum,
        algorithm: ALGORITHM,
        statements: file.statements.len(),
        is_baseline: true,
    };
    Ok(runs.into_iter().map(|run| noted(run.file)).collect())
}

/// In what a database is not as the project describes it, an object or column each.
pub fn differences(warehouse: &Warehouse, dialect: &Dialect, catalog: &Catalog) -> Vec<String> {
    let mut all = Vec::new();
    for table in &warehouse.landed {
        let name = dotted(&[&warehouse.space, &table.name]);
        match catalog.find(&warehouse.space, &table.name) {
            None => all.push(format!("{name} is not there: Segment makes it, or a migration")),
            Some(found) => {
                all.extend(columns(&name, found, &table.columns, dialect));
            }
        }
    }
    for table in &warehouse.models {
        let name = dotted(&[&warehouse.models_schema, &table.name]);
        match catalog.find(&warehouse.models_schema, &table.name) {
            None => all.push(format!("{name} is not there")),
            Some(found) => {
                if !found.is_ours {
                    all.push(format!("{name} was made by others: idgraph will not change it"));
                }
                all.extend(misfits(&name, found, table, dialect));
            }
        }
    }
    all
}

/// In what a table or view is not what a model asks for.
fn misfits(name: &str, found: &Found, table: &ModelTable, dialect: &Dialect) -> Vec<String> {
    let wanted = match table.materialized {
        Materialization::View => Kind::View,
        Materialization::Table | Materialization::Incremental => Kind::Table,
    };
    if found.kind != wanted {
        return vec![format!(
            "{name} is {}, and the project wants {}",
            found.kind.noun(),
            wanted.noun()
        )];
    }
    let mut all = columns(name, found, &table.columns, dialect);
    let is_wanted = |had: &str| table.columns.iter().any(|one| one.name.eq_ignore_ascii_case(had));
    let more = found.columns.iter().filter(|had| !is_wanted(&had.name));
    all.extend(more.map(|had| format!("{name}.{} is not the project's", had.name)));
    all
}

fn columns(name: &str, found: &Found, wanted: &[TableColumn], dialect: &Dialect) -> Vec<String> {
    let differs = |column: &TableColumn| {
        let sql_type = dialect.sql_type(column.logical_type);
        match found.column(&column.name) {
            None => Some(format!("{name}.{} is not there", column.name)),
            Some(had) if !had.sql_type.eq_ignore_ascii_case(sql_type) => Some(format!(
                "{name}.{} is {}, and the project says {sql_type}",
                column.name, had.sql_type
            )),
            Some(_) => None,
        }
    };
    wanted.iter().filter_map(differs).collect()
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
        let misfits = misfits(name, found, table, dialect);
        if !misfits.is_empty() {
            let problem =
                Diagnostic::error("adopt", format!("{name} is not what the project asks for"));
            let problem = misfits.into_iter().fold(problem, Diagnostic::note);
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
