//! What a target runs, for `idgraph diff --target`: as its ledger says, or where there are no migrations, its tables.

use super::{Opened, migrated};
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::engine::{self, Access, Engine, Interrupt};
use crate::migrate::{Entry, Folder, Schema, Waiting, folder_of, waiting};
use crate::preview::tables;
use crate::render::check_limits;
use crate::review::{Live, Running, recorded_then};
use crate::warehouse::Warehouse;

/// Reads it, changing nothing.
pub(super) fn read(opened: &Opened, target: &str) -> Result<Running> {
    let migrations = migrated::folder(opened, target)?;
    let interrupt = Interrupt::of_process();
    let mut engine = engine::connect(&opened.project, target, Access::Look)?;
    engine::read(engine.as_mut(), &interrupt, |engine| match migrations {
        Some((folder, dialect)) => of_migrations(opened, target, engine, folder, dialect),
        None => of_tables(opened, target, engine),
    })
}

/// Where there are migrations: what those that it ran have left, as it was recorded.
fn of_migrations(
    opened: &Opened,
    target: &str,
    engine: &mut dyn Engine,
    folder: Folder,
    dialect: Dialect,
) -> Result<Running> {
    let Warehouse { space, models_schema, .. } = Warehouse::of(&opened.project);
    let about = [models_schema.as_str(), &space];
    let Waiting { ledger, runs, catalog } = waiting(engine, &about, (&folder, &dialect), None)?;
    let statements = runs.iter().flat_map(|run| &run.file.statements);
    let sizes = engine.sizes(&tables(statements.map(|one| &one.statement), &dialect))?;
    let is_done = |entry: &&Entry| entry.is_finished();
    let last = ledger.entries.iter().rev().find(is_done);
    let recorded = match last {
        Some(last) => recorded(opened, &dialect, &folder, last)?,
        None => None,
    };
    let at = match last {
        Some(last) => format!("at {:04}_{}", last.number, last.name),
        None => "before the first migration".to_owned(),
    };
    let by = if last.is_some() && recorded.is_none() { ", by its tables alone" } else { "" };
    let done = |number| ledger.find(number).is_some_and(Entry::is_finished);
    let mut applied = folder;
    applied.migrations.retain(|one| done(one.number()));
    Ok(Running {
        name: format!("{target} {at}{by}"),
        dialect,
        recorded,
        applied,
        live: Live { catalog, sizes },
    })
}

/// What was recorded with a migration: it stands beside the newest, and with an older one in the history of the project.
fn recorded(
    opened: &Opened,
    dialect: &Dialect,
    folder: &Folder,
    last: &Entry,
) -> Result<Option<Schema>> {
    if folder.migrations.last().is_some_and(|newest| newest.number() == last.number) {
        return Schema::read(&folder_of(&opened.project.path, &dialect.name));
    }
    recorded_then(&opened.project.path, &dialect.name, last)
}

/// Where there are none.
fn of_tables(opened: &Opened, target: &str, engine: &mut dyn Engine) -> Result<Running> {
    let dialect = Dialect::load(&opened.library, engine.dialect())?;
    let warehouse = Warehouse::of(&opened.project);
    crate::diagnostic::Diagnostics::check(check_limits(&opened.project, &warehouse, &dialect))?;
    let catalog = engine.catalog(&[&warehouse.space, &warehouse.models_schema])?;
    Ok(Running {
        name: format!("{target}, by its tables alone"),
        dialect,
        recorded: None,
        applied: Folder::default(),
        live: Live { catalog, sizes: crate::engine::Sizes::default() },
    })
}
