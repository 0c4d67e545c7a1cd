//! `idgraph test`: plays fixtures and compares the tables with those expected.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Opened, Verdict, build, output, played};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Engine, Interrupt, Sandbox, Step};
use crate::fixture::{self, Batched, Build, Fixture};
use crate::render::check_limits;
use crate::warehouse::Warehouse;
use crate::{emit, files as disk};

/// The folder of fixtures, beside the project file.
pub(super) const FOLDER: &str = "fixtures";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Fixtures, or folders of them [default: all of the folder `fixtures` beside the project file]
    #[arg(value_name = "FIXTURE")]
    fixtures: Vec<PathBuf>,
    /// Run on this target's server, in schemas of its own that are dropped again; without it, on SQLite in memory
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Write what came out into the fixtures, after showing it
    #[arg(long)]
    update: bool,
    /// How to print what came out
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line for each fixture, and tables of what differs
    #[default]
    Text,
    /// For programs
    Json,
    /// For CI servers
    Junit,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let warehouse = Warehouse::of(&opened.project);
    let files = files(opened, &arguments.fixtures)?;
    let interrupt = Interrupt::of_process();
    let all =
        play_all(opened, &files, arguments.target.as_deref(), &interrupt, |fixture, done| {
            match arguments.format {
                Format::Text => output::styled(&played::text(fixture, done)),
                _ => Ok(()),
            }
        })?;
    match arguments.format {
        Format::Text => {}
        Format::Json => output::text(&played::json(&all)?)?,
        Format::Junit => output::text(&played::junit(&all))?,
    }
    let differ: Vec<_> = all.iter().filter(|(_, done)| !is_fine(done)).collect();
    output::message(format_args!("{}", played::summary(all.len(), differ.len())));
    if !arguments.update {
        return Ok(if differ.is_empty() { Verdict::Fine } else { Verdict::Found });
    }
    // All or nothing: what cannot be written is said before the first file changes.
    let mut texts = Vec::new();
    for (fixture, done) in differ {
        texts.push((fixture, fixture::updated(fixture, done, &warehouse)?));
    }
    for (fixture, _) in &texts {
        unchanged(fixture)?;
    }
    for (folder, texts) in &by_folder(opened, &texts)? {
        emit::replace(folder, texts)?;
    }
    for (fixture, _) in &texts {
        output::message(format_args!("wrote {}", fixture.path.display()));
    }
    Ok(Verdict::Fine)
}

pub(super) fn is_fine(done: &[Batched]) -> bool {
    done.iter().all(|batch| batch.tables.iter().all(fixture::TableReport::is_fine))
}

/// What is done with a fixture: [`fixture::run`] or [`fixture::outcomes`].
type Way<'a, T> = dyn Fn(
        &Fixture,
        (&Warehouse, &Dialect),
        &mut dyn Engine,
        &mut dyn FnMut(&mut dyn Engine, Build) -> Result<()>,
    ) -> Result<T>
    + 'a;

/// Plays fixtures one by one; `told` hears of each when it is done.
pub(super) fn play_all(
    opened: &Opened,
    files: &[PathBuf],
    target: Option<&str>,
    interrupt: &Interrupt,
    told: impl Fn(&Fixture, &[Batched]) -> Result<()>,
) -> Result<Vec<played::Played>> {
    let mut all = Vec::new();
    for fixture in read_all(files, &Warehouse::of(&opened.project))? {
        let done = play(opened, &fixture, target, interrupt, &|fixture, of, engine, build| {
            fixture::run(fixture, of, engine, build)
        })?;
        told(&fixture, &done)?;
        all.push((fixture, done));
    }
    Ok(all)
}

/// Plays one fixture in a database of its own.
pub(super) fn play<T>(
    opened: &Opened,
    fixture: &Fixture,
    target: Option<&str>,
    interrupt: &Interrupt,
    way: &Way<'_, T>,
) -> Result<T> {
    interrupt.check()?;
    let mut sandbox = Sandbox::open(&opened.project, target)?;
    // The same project, in the sandbox's schemas.
    let inside = Opened {
        project: sandbox.project.clone(),
        library: sandbox.library(&opened.library),
        target: opened.target.clone(),
    };
    let engine = sandbox.engine();
    interrupt.ends(engine.interrupter());
    let warehouse = Warehouse::of(&inside.project);
    let done = Dialect::load(&inside.library, engine.dialect()).and_then(|dialect| {
        Diagnostics::check(check_limits(&opened.project, &warehouse, &dialect))?;
        way(fixture, (&warehouse, &dialect), engine, &mut |engine, what| {
            interrupt.check()?;
            if what == Build::Landed {
                return build::make_landed(&inside, &warehouse, &dialect, engine);
            }
            let mut plan = build::plan(&inside, &warehouse, engine, what == Build::Full)?;
            plan.steps.retain(|step| is_wanted(what, step));
            engine::apply(engine, &plan, interrupt, &mut |_, _| {})
        })
    });
    let closed = sandbox.close();
    let failed = |error: Diagnostics| -> Diagnostics {
        if interrupt.is_wanted() {
            return Interrupt::stopped().into();
        }
        let note = |one: Diagnostic| one.note(format!("in the fixture {}", fixture.path.display()));
        error.into_iter().map(note).collect()
    };
    match (done, closed) {
        (Ok(done), Ok(())) => Ok(done),
        (Ok(_), Err(error)) => Err(error),
        (Err(error), Ok(())) => Err(failed(error)),
        (Err(error), Err(more)) => Err(failed(error).into_iter().chain(more).collect()),
    }
}

/// What of a plan is run.
fn is_wanted(what: Build, step: &Step) -> bool {
    match what {
        Build::Apply | Build::Landed => true,
        Build::Refresh | Build::Full => super::refresh::is_refreshed(step, |_| true),
    }
}

/// The fixtures named, or all that there are, sorted by name.
pub(super) fn files(opened: &Opened, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let usual = opened.project.folder().join(FOLDER);
    let usual = usual.strip_prefix(".").map(Path::to_owned).unwrap_or(usual);
    let folders = if named.is_empty() { std::slice::from_ref(&usual) } else { named };
    let mut files = Vec::new();
    for path in folders {
        if named.is_empty() && !path.exists() {
            continue;
        }
        emit::recover(if path.is_dir() { path } else { path.parent().unwrap_or(path) })?;
        if path.is_dir() {
            files.extend(inside(opened, path, !named.is_empty())?);
        } else {
            files.push(path.clone());
        }
    }
    let mut known = std::collections::HashSet::new();
    files.retain(|file| known.insert(file.clone()));
    if files.is_empty() {
        let message = match named {
            [] => format!("there are no fixtures in {}", usual.display()),
            _ => "there are no fixtures in what was named".to_owned(),
        };
        return Err(Diagnostic::error("no-fixtures", message)
            .note("a fixture is a file that ends in .yml or .yaml")
            .help("`idgraph init` in another folder writes a first one; docs/fixtures.md says how to go on")
            .into());
    }
    Ok(files)
}

/// The fixtures of a folder. A link may lead elsewhere in the project, or in a folder that is not the project's.
fn inside(opened: &Opened, folder: &Path, is_named: bool) -> Result<Vec<PathBuf>> {
    let project = opened.project.folder();
    let is_elsewhere = is_named && disk::within(project, folder).is_err();
    let root = if is_elsewhere { folder } else { project };
    disk::within(root, folder)?;
    let entries = fs::read_dir(folder).map_err(|error| {
        Diagnostic::error("unreadable", format!("cannot read {}: {error}", folder.display()))
            .help("check that you may read it")
    })?;
    let is_yaml =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "yml" || end == "yaml");
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_yaml).collect();
    found.sort();
    for file in &found {
        disk::within(root, file)?;
    }
    Ok(found)
}

/// The fixtures of the project, sorted by name; a project need have none.
pub(super) fn all(opened: &Opened, warehouse: &Warehouse) -> Result<Vec<Fixture>> {
    let folder = opened.project.folder().join(FOLDER);
    let files = if folder.is_dir() { inside(opened, &folder, false)? } else { Vec::new() };
    read_all(&files, warehouse)
}

/// All fixtures, or the mistakes of all.
pub(super) fn read_all(files: &[PathBuf], warehouse: &Warehouse) -> Result<Vec<Fixture>> {
    let mut fixtures = Vec::new();
    let mut wrong = Vec::new();
    for file in files {
        match fixture::read(file, warehouse) {
            Ok(fixture) => fixtures.push(fixture),
            Err(mistakes) => wrong.extend(mistakes),
        }
    }
    Diagnostics::check(wrong)?;
    Ok(fixtures)
}

/// A folder, and the new texts of files in it.
type Group<'a> = (PathBuf, Vec<(&'a Path, &'a str)>);

/// What is written in one go: the fixtures of the project together, others with those of their folder.
fn by_folder<'a>(opened: &Opened, texts: &'a [(&'a Fixture, String)]) -> Result<Vec<Group<'a>>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (fixture, text) in texts {
        let path = fixture.path.as_path();
        let folder = match disk::within(opened.project.folder(), path) {
            Ok(()) => opened.project.folder().to_owned(),
            Err(_) => path.parent().unwrap_or(Path::new("")).to_owned(),
        };
        match groups.iter_mut().find(|(one, _)| *one == folder) {
            Some((_, group)) => group.push((path, text)),
            None => groups.push((folder, vec![(path, text)])),
        }
    }
    Ok(groups)
}

/// Refuses to write over what somebody wrote since it was read.
fn unchanged(fixture: &Fixture) -> Result<()> {
    let path = &fixture.path;
    let now = disk::text(path).unwrap_or_default();
    if now.strip_prefix('\u{feff}').unwrap_or(&now) != fixture.source.text {
        return Err(Diagnostic::error("changed", format!("{} changed meanwhile", path.display()))
            .note("it was not written")
            .help("run the command again")
            .into());
    }
    Ok(())
}
