//! What is to be run: the folder held against the ledger.

use std::collections::BTreeSet;

use super::anew::{Before, depends};
use super::file::{MigrationFile, MigrationText};
use super::folder::{Folder, Migration};
use super::ledger::{Entry, Ledger};
use super::name::FileName;
use super::sum::ALGORITHM;
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{Catalog, Engine};
use crate::project::words::many;

/// A migration file that is to be run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The file.
    pub file: MigrationFile,
    /// The statements of it that were done before it stopped.
    pub done: usize,
    /// The rows that they wrote.
    pub rows: u64,
    /// Whether the ledger knows it already.
    pub is_noted: bool,
}

/// What a database has before it.
#[derive(Debug)]
pub struct Waiting {
    /// What it has run.
    pub ledger: Ledger,
    /// The files to run, in order.
    pub runs: Vec<Run>,
    /// What stands in the schemas that were asked about and in those that the files are about.
    pub catalog: Catalog,
}

/// Reads a database for the files to run so that it is at migration `to`, the newest one when `None`; `about` are the
/// schemas to look at, the one with the ledger first.
///
/// # Errors
/// As [`pending`]; when the database cannot be read.
pub fn waiting(
    engine: &mut dyn Engine,
    about: &[&str],
    (folder, dialect): (&Folder, &Dialect),
    to: Option<u32>,
) -> Result<Waiting> {
    let catalog = engine.catalog(about)?;
    let ledger = Ledger::read(engine, &catalog, about.first().copied().unwrap_or_default())?;
    let runs = pending(folder, dialect, &ledger, to)?;
    let more = schemas(&runs);
    let all: Vec<&str> = about.iter().copied().chain(more.iter().map(String::as_str)).collect();
    let is_more = more.iter().any(|schema| !about.contains(&schema.as_str()));
    let catalog = if is_more { engine.catalog(&all)? } else { catalog };
    Ok(Waiting { ledger, runs, catalog })
}

/// The schemas that runs are about.
fn schemas(runs: &[Run]) -> BTreeSet<String> {
    let statements = runs.iter().flat_map(|run| &run.file.statements);
    let mut all = BTreeSet::new();
    for one in statements {
        all.extend(one.statement.target.as_ref().and_then(|target| target.schema.clone()));
        let taken = one.statement.takes.iter().filter(|taken| taken.name.len() > 1);
        all.extend(taken.filter_map(|taken| taken.name.first().cloned()));
    }
    all
}

/// The files to run so that a database is at migration `to`, the newest one when `None`; in order.
///
/// # Errors
/// With everything in which the folder and the ledger do not agree; else with everything that is wrong in the files.
pub fn pending(
    folder: &Folder,
    dialect: &Dialect,
    ledger: &Ledger,
    to: Option<u32>,
) -> Result<Vec<Run>> {
    let find = |number: u32| folder.migrations.iter().find(|one| one.number() == number);
    let mut problems: Vec<Diagnostic> =
        ledger.entries.iter().filter_map(|entry| disagreement(entry, find(entry.number))).collect();
    let newest = ledger.newest().map_or(0, |entry| entry.number);
    for migration in &folder.migrations {
        let number = migration.number();
        if number < newest && ledger.find(number).is_none() {
            problems.push(late(&migration.up.name, newest));
        }
    }
    if let Some(to) = to.filter(|to| *to != 0 && find(*to).is_none()) {
        problems.push(no_such(folder, to));
    }
    Diagnostics::check(std::mem::take(&mut problems))?;
    let to = to.unwrap_or_else(|| folder.migrations.last().map_or(0, Migration::number));
    let wanted = if to < newest { back(folder, ledger, to)? } else { forward(folder, ledger, to) };
    let mut runs = Vec::new();
    for (text, entry) in wanted {
        let is_down = text.name.is_down;
        // The way back begins at its first statement, whatever was noted of the way forward.
        let (done, rows) =
            entry.filter(|_| !is_down).map_or((0, 0), |entry| (entry.done, entry.rows));
        match text.read(dialect) {
            Ok(file) => runs.push(Run { file, done, rows, is_noted: entry.is_some() }),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() {
        problems = anew(folder, &runs, dialect)?;
    }
    Diagnostics::check(problems)?;
    Ok(runs)
}

/// What the files to run write over that earlier ones had made, without a word. Those are read only where it matters.
fn anew(folder: &Folder, runs: &[Run], dialect: &Dialect) -> Result<Vec<Diagnostic>> {
    let mut problems = Vec::new();
    for Run { file, .. } in runs.iter().filter(|run| depends(&run.file, dialect)) {
        let mut before = Before::default();
        let is_before = |one: &&Migration| {
            one.number() < file.name.number
                || (file.name.is_down && one.number() == file.name.number)
        };
        for earlier in folder.migrations.iter().filter(is_before) {
            before.play(&earlier.up.parse(dialect)?);
        }
        problems.extend(before.anew(file, dialect));
    }
    Ok(problems)
}

/// A file that is to be run, and what the ledger says of its migration.
type Wanted<'a> = (&'a MigrationText, Option<&'a Entry>);

fn forward<'a>(folder: &'a Folder, ledger: &'a Ledger, to: u32) -> Vec<Wanted<'a>> {
    let all = folder.migrations.iter().filter(|migration| migration.number() <= to);
    let all = all.map(|migration| (&migration.up, ledger.find(migration.number())));
    all.filter(|(_, entry)| !entry.is_some_and(Entry::is_finished)).collect()
}

fn back<'a>(folder: &'a Folder, ledger: &'a Ledger, to: u32) -> Result<Vec<Wanted<'a>>> {
    let mut problems = Vec::new();
    let mut wanted = Vec::new();
    for entry in ledger.entries.iter().rev().filter(|entry| entry.number > to) {
        let migration = folder.migrations.iter().find(|one| one.number() == entry.number);
        let Some(migration) = migration else { continue };
        let name = &migration.up.name;
        if !entry.is_finished() {
            problems.push(
                Diagnostic::error(
                    "migration-halfway",
                    format!("{name} stopped halfway: there is no way back from there"),
                )
                .note(format!("{} of {} done", entry.done, many(entry.statements, "statement")))
                .help("run `idgraph apply` first, which goes on where it stopped"),
            );
            continue;
        }
        match &migration.down {
            Some(file) => wanted.push((file, Some(entry))),
            None => problems.push(
                Diagnostic::error("no-way-back", format!("{name} has no way back: there is no {}", name.down()))
                    .note("nothing was run")
                    .help(format!(
                        "write {} by hand and record it with `idgraph migrate sum`, or go forward with a new migration",
                        name.down()
                    )),
            ),
        }
    }
    Diagnostics::check(problems)?;
    Ok(wanted)
}

/// What is wrong between a row of the ledger and the file of its number.
fn disagreement(entry: &Entry, migration: Option<&Migration>) -> Option<Diagnostic> {
    let was = FileName::new(entry.number, entry.name.clone());
    let Some(file) = migration.map(|migration| &migration.up) else {
        return Some(
            Diagnostic::error("migration-missing", format!("the database has run {was}, and there is no such file"))
                .note(format!("it was started at {} by idgraph {}", entry.started_at, entry.version))
                .help("is this an older state of the project? bring it up to date, or put the file back from version control"),
        );
    };
    if file.name != was {
        return Some(
            Diagnostic::error(
                "migration-moved",
                format!(
                    "the database has run {was}, and number {} is {} now",
                    entry.number, file.name
                ),
            )
            .help("give the file that was run its name back, and the other one the next number"),
        );
    }
    if entry.algorithm != ALGORITHM {
        return Some(
            Diagnostic::error(
                "ledger",
                format!(
                    "the checksum of {was} is of version {}, which this idgraph does not know",
                    entry.algorithm
                ),
            )
            .help("use the version of idgraph that ran it, or a newer one"),
        );
    }
    if entry.checksum == file.checksum {
        return None;
    }
    let edited = |message: String| {
        Diagnostic::error("migration-edited", message)
            .note(format!("its checksum then: {}", entry.checksum))
            .note(format!("its checksum now:  {}", file.checksum))
    };
    Some(if entry.is_finished() {
        edited(format!("{was} was edited after the database ran it"))
            .help("put it back from version control and write the change as a new migration")
    } else {
        edited(format!("{was} stopped halfway, and was edited since"))
            .note(format!("{} of {} done", entry.done, many(entry.statements, "statement")))
            .help(
                "put it back from version control and apply again, which goes on where it stopped",
            )
    })
}

fn late(name: &FileName, newest: u32) -> Diagnostic {
    Diagnostic::error(
        "migration-order",
        format!("{name} was not run, and the database is at {newest:04} already"),
    )
    .note("it was written beside others that were run first; what it does may not fit any more")
    .help(format!("give it a number after {newest:04} and record that: idgraph migrate sum"))
}

fn no_such(folder: &Folder, number: u32) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("unknown-migration", format!("there is no migration {number:04}"));
    match (folder.migrations.first(), folder.migrations.last()) {
        (Some(first), Some(last)) => diagnostic.help(format!(
            "there are {:04} to {:04}; 0 is the state before the first",
            first.number(),
            last.number()
        )),
        _ => diagnostic.help("there is none yet: `idgraph migrate new` writes the first"),
    }
}
