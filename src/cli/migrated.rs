//! `idgraph apply` where there are migrations: runs the pending files.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use super::behind;
use super::build::{Options, seconds};
use super::confirm::{Agreed, Change, Consent, Proposal};
use super::{Opened, Verdict, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Access, Catalog, Engine, Interrupt};
use crate::migrate::{
    Checked, Difference, Drift, Event, Expected, Folder, Ledger, Migration, Run, Runner, Schema,
    Waiting, adopt, baseline, check, drift, elsewhere, folder_of, late_by_table, rounded,
    unwritten, waiting,
};
use crate::project::words::many;
use crate::render::{Bookkeeping, Changes};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct MigrationOptions {
    /// Go to this migration: forward, or back by the down files (0 is before the first)
    #[arg(long, value_name = "N", conflicts_with = "baseline")]
    to: Option<u32>,
    /// Let migrations take this table or column away (can be given again)
    #[arg(long, value_name = "OBJECT", conflicts_with = "baseline")]
    allow_destructive: Vec<String>,
    /// Take the migrations up to this one for applied, without running them
    #[arg(long, value_name = "N")]
    baseline: Option<u32>,
    /// This model, made by others or restored from a dump, is idgraph's to change from now on; SCHEMA.* for all that was
    /// restored (can be given again). Nothing else is done, but with --baseline
    #[arg(long, value_name = "SCHEMA.TABLE", conflicts_with_all = ["to", "allow_destructive"])]
    pub(super) adopt: Vec<String>,
}

impl MigrationOptions {
    /// What is handed over, where nothing else is to be done.
    pub(super) fn only_adopts(&self) -> Option<&[String]> {
        (self.baseline.is_none() && !self.adopt.is_empty()).then_some(self.adopt.as_slice())
    }

    /// An option that only makes sense where there are migrations.
    pub(super) fn given(&self) -> Option<&'static str> {
        match self {
            Self { to: Some(_), .. } => Some("--to"),
            Self { baseline: Some(_), .. } => Some("--baseline"),
            Self { allow_destructive, .. } if !allow_destructive.is_empty() => {
                Some("--allow-destructive")
            }
            _ => None,
        }
    }
}

/// What an apply of migrations works with.
struct Work<'a> {
    opened: &'a Opened,
    warehouse: Warehouse,
    dialect: Dialect,
    folder: &'a Folder,
    options: &'a MigrationOptions,
}

pub(super) fn run(
    opened: &Opened,
    options: &Options,
    migration_options: &MigrationOptions,
    folder: &Folder,
    dialect: Dialect,
    consent: Consent,
) -> Result<Verdict> {
    let start = Instant::now();
    let warehouse = dialect.whole_warehouse(&opened.project);
    let work = Work { opened, warehouse, dialect, folder, options: migration_options };
    let interrupt = Interrupt::of_process();
    let access = if options.dry_run { Access::Pretend } else { Access::Create };
    let change = Change { opened, options, consent, interrupt: &interrupt };
    let look = |engine: &mut dyn Engine| work.look(engine);
    let proposal = |seen: &Seen| work.proposal(seen);
    let is_forward = migration_options.given().is_none() && migration_options.adopt.is_empty();
    let catch_up = |verdict| match verdict {
        Verdict::Fine if is_forward => {
            work.say_what_is_unwritten()?;
            behind::catch_up(&change)
        }
        other => Ok(other),
    };
    let agreed = change.agreed(look, proposal)?;
    if matches!(agreed, Agreed::ToNothing(_)) {
        return catch_up(agreed.verdict());
    }
    let target = &opened.target;
    let mut engine = engine::connect(&opened.project, target, access)?;
    let seen = change
        .with_patience(engine.as_mut(), |engine| change.locked(engine, &agreed, look, proposal))?;
    let with = (&change, options.dry_run);
    let said = match seen {
        Seen::Pending { ledger, checked } => {
            work.migrate(engine.as_mut(), (&ledger, &checked), with)?
        }
        Seen::Baseline { to, catalog, runs } => {
            work.baseline(engine.as_mut(), (to, &catalog, runs.as_slice()), with)?
        }
    };
    let time = seconds(start.elapsed());
    if options.dry_run {
        output::message(format_args!("rolled back after {time}: nothing changed"));
    } else {
        output::message(format_args!("{target}: {said} in {time}"));
    }
    drop(engine);
    catch_up(Verdict::Fine)
}

/// What a target has before it.
enum Seen {
    /// Migrations to run.
    Pending { ledger: Ledger, checked: Vec<Checked> },
    /// Migrations up to a number to take for applied.
    Baseline { to: u32, catalog: Catalog, runs: Vec<Run> },
}

impl Work<'_> {
    fn look(&self, engine: &mut dyn Engine) -> Result<Seen> {
        engine.preflight()?;
        let about = [self.warehouse.models_schema.as_str(), &self.warehouse.space];
        if let Some(to) = self.options.baseline {
            let catalog = engine.catalog(&about)?;
            let ledger = Ledger::read(engine, &catalog, &self.warehouse.models_schema)?;
            let runs = baseline::unnoted(self.folder, &self.dialect, &ledger, to)?;
            return Ok(Seen::Baseline { to, catalog, runs });
        }
        let files = (self.folder, &self.dialect);
        let Waiting { ledger, runs, catalog } = waiting(engine, &about, files, self.options.to)?;
        let values = rounded(engine, &runs, &catalog, &self.dialect)?;
        let changes = Changes::new(&self.warehouse, &self.dialect, &self.opened.library)?;
        let by = (&self.dialect, &changes);
        let checked = check(runs, &catalog, by, &self.options.allow_destructive, &values)?;
        Ok(Seen::Pending { ledger, checked })
    }

    /// What is to be done, in short; `None` when that is nothing.
    fn proposal(&self, seen: &Seen) -> Option<Proposal> {
        let shown = match seen {
            Seen::Pending { checked, .. } if checked.is_empty() => return None,
            Seen::Pending { checked, .. } => in_short(checked),
            Seen::Baseline { catalog, runs, .. } => {
                let lines = self.differences(catalog).into_iter();
                let lines: String = lines.map(|line| format!("  {line}\n")).collect();
                let adopt = self.options.adopt.iter();
                let adopted: String =
                    adopt.map(|name| format!("  {name} becomes idgraph's\n")).collect();
                format!(
                    "Taken for applied, without running them: {}.\n{adopted}\
                     Where the database is not as the project says:\n{lines}",
                    many(runs.len(), "migration")
                )
            }
        };
        let agreed = match seen {
            Seen::Pending { checked, .. } => {
                checked.iter().flat_map(Checked::todo).map(|one| one.sql.clone()).collect()
            }
            Seen::Baseline { .. } => vec![shown.clone()],
        };
        Some(Proposal { shown, agreed })
    }

    /// In what the database is not as the project says, a line each.
    fn differences(&self, catalog: &Catalog) -> Vec<String> {
        let expected = Expected::of_project(&self.opened.project, self.warehouse.clone());
        let all = drift(&expected, &self.dialect, catalog);
        let (late, others): (Vec<&Drift>, Vec<&Drift>) =
            all.iter().partition(|one| one.difference == Difference::NotLanded);
        let late = late_by_table(&late).into_iter().map(|line| format!("not landed yet: {line}"));
        others.into_iter().map(Drift::to_string).chain(late).collect()
    }

    /// Says that the project is ahead of its migrations: what an apply does not do may be what it was run for.
    fn say_what_is_unwritten(&self) -> Result<()> {
        let recorded = Schema::read(&folder_of(&self.opened.project.path, &self.dialect.name))?;
        let changes = unwritten_in(self.opened, &self.dialect, self.folder, recorded.as_ref())?;
        if !changes.is_empty() {
            output::message(format_args!(
                "note: the project has changed without a migration ({}); to write it: idgraph migrate new",
                many(changes.len(), "change")
            ));
        }
        Ok(())
    }

    fn migrate(
        &self,
        engine: &mut dyn Engine,
        (ledger, checked): (&Ledger, &[Checked]),
        with: (&Change<'_>, bool),
    ) -> Result<String> {
        if checked.is_empty() {
            let at = ledger.newest().map_or(0, |entry| entry.number);
            return Ok(format!("up to date, at {at:04}"));
        }
        self.with_runner(engine, with, |runner| runner.run(checked))?;
        let last = checked.last().map(|one| &one.run.file.name);
        let at = match last {
            // Back by the way of one migration is the state of the one before it.
            Some(name) if name.is_down => {
                let before = self.folder.migrations.iter().map(Migration::number);
                before.filter(|number| *number < name.number).max().unwrap_or(0)
            }
            Some(name) => name.number,
            None => 0,
        };
        let run = many(checked.len(), "migration");
        Ok(format!("{run} run, now at {at:04},"))
    }

    fn baseline(
        &self,
        engine: &mut dyn Engine,
        (to, catalog, runs): (u32, &Catalog, &[Run]),
        with: (&Change<'_>, bool),
    ) -> Result<String> {
        let noted = baseline::noted(runs);
        for line in self.differences(catalog) {
            output::message(format_args!("  {line}"));
        }
        let books = Bookkeeping::new(&self.warehouse, &self.dialect, &self.opened.library)?;
        let names = &self.options.adopt;
        let adopted = adopt(names, &self.warehouse, &self.dialect, catalog, &books)?;
        let signs: Vec<_> = adopted.into_iter().flat_map(|one| one.statements).collect();
        self.with_runner(engine, with, |runner| runner.note(&signs, &noted))?;
        let noted = many(noted.len(), "migration");
        Ok(format!("{noted} taken for applied, now at {to:04},"))
    }

    fn with_runner(
        &self,
        engine: &mut dyn Engine,
        (change, is_dry): (&Change<'_>, bool),
        work: impl FnOnce(&mut Runner<'_>) -> Result<()>,
    ) -> Result<()> {
        let books = Bookkeeping::new(&self.warehouse, &self.dialect, &self.opened.library)?;
        let started = RefCell::new(Instant::now());
        let telling = Telling { is_dry, is_verbose: change.options.verbose };
        let mut tell = |event: &Event<'_>| tell(event, telling, &started);
        work(&mut Runner {
            engine,
            books: &books,
            schema: &self.warehouse.models_schema,
            interrupt: change.interrupt,
            patience: change.patience(),
            tell: &mut tell,
            is_dry,
            only_shows: false,
        })
    }
}

/// What the project says otherwise than the record of its migrations. Only for its own dialects are any written, and without a
/// record nothing can be compared.
pub(super) fn unwritten_in(
    opened: &Opened,
    dialect: &Dialect,
    folder: &Folder,
    recorded: Option<&Schema>,
) -> Result<Vec<String>> {
    let is_own = opened.project.dialects.iter().any(|one| one.value == dialect.name);
    match is_own && (recorded.is_some() || folder.migrations.is_empty()) {
        true => unwritten(&opened.project, dialect, &opened.library, recorded),
        false => Ok(Vec::new()),
    }
}

/// Migrations to run, in short.
fn in_short(checked: &[Checked]) -> String {
    let mut text = String::new();
    for one in checked {
        let file = &one.run.file;
        let todo = file.statements.len() - one.run.done.min(file.statements.len());
        text.push_str(&format!("  {:<44} {}\n", file.name.to_string(), many(todo, "statement")));
        for object in file.destructive() {
            text.push_str(&format!("    takes away {object}\n"));
        }
        if !file.in_transaction {
            text.push_str("    without a transaction, statement by statement\n");
        }
    }
    format!("To run, in this order:\n{text}")
}

/// How progress is told.
#[derive(Clone, Copy)]
struct Telling {
    is_dry: bool,
    is_verbose: bool,
}

/// Progress to the person, a line for each file; in a dry run, the SQL to stdout.
fn tell(event: &Event<'_>, telling: Telling, started: &RefCell<Instant>) -> Result<()> {
    let Telling { is_dry, is_verbose } = telling;
    match event {
        Event::Sql(sql) if is_dry => return output::text(&format!("{sql};\n\n")),
        Event::Sql(_) => {}
        Event::Begins(checked) => {
            *started.borrow_mut() = Instant::now();
            let name = &checked.run.file.name;
            match is_verbose {
                true => output::message(format_args!("{name}")),
                false => output::passing(format_args!("{name}")),
            }
            for line in checked.left_alone().into_iter().filter(|_| is_verbose) {
                output::message(format_args!("  {line}"));
            }
            if checked.run.done > 0 {
                let done = checked.run.done;
                output::message(format_args!("{name} goes on after statement {done}"));
            }
        }
        Event::Statement(checked, number, rows, time) => {
            let count = checked.run.file.statements.len();
            let statement = checked.run.file.statements.get(number - 1);
            let code = statement.map_or(String::new(), |one| {
                let line = one.place.source.text.get(one.place.span.clone()).unwrap_or_default();
                line.chars().take(48).collect::<String>()
            });
            let time = seconds(*time);
            if is_verbose {
                let rows = with_rows(*rows);
                output::message(format_args!("  {number}/{count} {code:<48} {time}{rows}"));
            } else {
                let name = &checked.run.file.name;
                output::passing(format_args!("{name} {number}/{count} {code}"));
            }
        }
        Event::Done(checked, rows, time) => {
            let name = checked.run.file.name.to_string();
            let count = many(checked.todo().count(), "statement");
            let (rows, time) = (with_rows(*rows), seconds(*time));
            output::message(format_args!("{name:<44} {count}{rows}, done in {time}"));
        }
        Event::Overtaken(checked) => {
            let name = &checked.run.file.name;
            output::message(format_args!("{name}: another process has run it meanwhile"));
        }
        Event::NotRun(checked) => {
            let name = &checked.run.file.name;
            output::message(format_args!(
                "{name} is shown, not run: a file without a transaction, and what follows it, cannot be rolled back"
            ));
        }
    }
    Ok(())
}

fn with_rows(rows: u64) -> String {
    if rows > 0 { format!(", {}", many(rows, "row")) } else { String::new() }
}

/// Whether there is a folder of migrations.
///
/// # Errors
/// When something else is in its place: to go on as if there were none would build what migrations should.
pub(super) fn has_folder(path: &Path) -> Result<bool> {
    if path.symlink_metadata().is_err() || path.is_dir() {
        return Ok(path.is_dir());
    }
    Err(Diagnostic::error("not-a-folder", format!("{} is no folder", path.display()))
        .note("the migrations of this target's dialect would be in it")
        .help("move it away, or put the folder back from version control")
        .into())
}

/// The migrations for a target, where the project has any for its dialect.
pub(super) fn folder(opened: &Opened, target: &str) -> Result<Option<(Folder, Dialect)>> {
    let name = engine::dialect_of(&opened.project, target)?;
    let path = crate::migrate::folder_of(&opened.project.path, name);
    // A folder without migrations yet is one all the same.
    if !has_folder(&path)? {
        return Ok(None);
    }
    let dialect = Dialect::load(&opened.library, name)?;
    Diagnostics::check(crate::render::check_limits(
        &opened.project,
        &Warehouse::of(&opened.project),
        &dialect,
    ))?;
    let recorded = Schema::read(&path)?;
    let moved = recorded.map(|recorded| elsewhere(&opened.project, &recorded, &dialect));
    Diagnostics::check(moved.unwrap_or_default())?;
    Ok(Folder::read(&path)?.map(|folder| (folder, dialect)))
}
