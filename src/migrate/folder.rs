//! `migrations/<dialect>/`, read and held against its sum file.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::anew::anew_in;
use super::file::MigrationText;
use super::ground::Ground;
use super::half_made::half_made;
use super::name::FileName;
use super::narrowed::narrowed_in;
use super::schema::Schema;
use super::sum::{SUM_FILE, SumFile, SumLine};
use super::through_view::written_in;
use crate::diagnostic::{Diagnostic, Diagnostics, Result, Source};
use crate::dialect::{Dialect, Library};
use crate::files;

/// The folder beside the project file that holds one of migrations for each dialect.
pub const FOLDER: &str = "migrations";

/// The name of the file with the schema as the last migration leaves it.
pub const SCHEMA_FILE: &str = "schema.json";

/// The migrations of one dialect.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// In the order of their numbers.
    pub migrations: Vec<Migration>,
}

/// A migration: the way forward, and the way back where there is one.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The way forward.
    pub up: MigrationText,
    /// The way back.
    pub down: Option<MigrationText>,
}

impl Migration {
    /// Its number.
    pub fn number(&self) -> u32 {
        self.up.name.number
    }
}

/// Where the migrations of a dialect are, beside a project file.
pub fn folder_of(project: &Path, dialect: &str) -> PathBuf {
    project.with_file_name(FOLDER).join(dialect)
}

impl Folder {
    /// Reads a folder, but none of its statements; `None` when there is none.
    ///
    /// # Errors
    /// With every file that is not as it was recorded.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let Some(listed) = Listed::read(folder)? else { return Ok(None) };
        let mut problems = listed.problems;
        problems.extend(listed.unread.into_iter().flatten());
        problems.extend(against_sum(folder, &listed.texts)?);
        Diagnostics::check(problems)?;
        let (downs, ups): (Vec<_>, Vec<_>) =
            listed.texts.into_iter().partition(|file| file.name.is_down);
        let mut downs = downs.into_iter().peekable();
        let migrations = ups
            .into_iter()
            .map(|up| {
                let down = downs.next_if(|down| down.name == up.name.down());
                Migration { up, down }
            })
            .collect();
        Ok(Some(Self { migrations }))
    }

    /// Checks a folder with every statement in it, which nothing else has to read.
    ///
    /// # Errors
    /// With everything that is wrong in it.
    pub fn check(folder: &Path, dialect: &Dialect) -> Result<()> {
        let Some(listed) = Listed::read(folder)? else { return Ok(()) };
        let mut problems = listed.problems;
        problems.extend(listed.unread.into_iter().flatten());
        problems.extend(against_sum(folder, &listed.texts)?);
        let mut files = Vec::new();
        let mut wrong = Vec::new();
        for file in &listed.texts {
            match file.read(dialect) {
                Ok(file) => files.push(file),
                Err(found) => wrong.extend(found),
            }
        }
        // Without one of them, nobody knows what types the others meet.
        if wrong.is_empty() {
            wrong = narrowed_in(&files, dialect);
            wrong.extend(anew_in(&files, dialect));
            wrong.extend(written_in(&files, dialect));
        }
        problems.extend(wrong);
        Diagnostics::check(problems)
    }

    /// Checks that a folder that is there has something to record.
    ///
    /// # Errors
    /// When it has no migration, but for one of a project that wants no table.
    pub fn check_whole(folder: &Path) -> Result<()> {
        let files = Listed::read(folder)?.map_or(0, |listed| listed.texts.len());
        Diagnostics::check(half_made(folder, files, 0)?.into_iter().collect())
    }

    /// The sum file of the migration files as they are now.
    ///
    /// # Errors
    /// With every file whose name does not fit or that cannot be read.
    pub fn sum(folder: &Path) -> Result<SumFile> {
        let listed = Listed::read(folder)?.unwrap_or_default();
        Diagnostics::check(listed.problems)?;
        let lines = listed.texts.into_iter().map(|file| {
            let MigrationText { name, checksum, .. } = file;
            SumLine { name, checksum, place: None }
        });
        Ok(SumFile { lines: lines.collect() })
    }
}

/// The migration files that are there, sorted, and what is wrong with the others.
#[derive(Default)]
struct Listed {
    texts: Vec<MigrationText>,
    problems: Vec<Diagnostic>,
    /// What is wrong with the record, which their checksums do not depend on.
    unread: Option<Diagnostics>,
}

impl Listed {
    fn read(folder: &Path) -> Result<Option<Self>> {
        if folder.exists() {
            files::within(folder.ancestors().nth(2).unwrap_or(Path::new("")), folder)?;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(folder, &error).into()),
        };
        let mut listed = Self::default();
        let (ground, unread) = ground(folder);
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => names.push(entry.file_name()),
                Err(error) => listed.problems.push(unreadable(folder, &error)),
            }
        }
        names.sort();
        for name in names {
            if name == SUM_FILE || name == SCHEMA_FILE {
                continue;
            }
            let path = folder.join(&name);
            match FileName::parse(&name.to_string_lossy()) {
                Err(why) => listed.problems.push(does_not_fit(&path, why)),
                Ok(name) => match read(folder, &path) {
                    Ok(text) => {
                        let source = Source::new(path.to_string_lossy(), text);
                        listed.texts.push(MigrationText::new(name, source).on(&ground));
                    }
                    Err(error) => listed.problems.push(unreadable(&path, &error)),
                },
            }
        }
        listed.texts.sort_by(|one, other| one.name.cmp(&other.name));
        listed.pairs(folder);
        listed.unread = unread.filter(|_| !listed.texts.is_empty());
        Ok(Some(listed))
    }

    /// Finds numbers that two migrations have, and ways back from nowhere.
    fn pairs(&mut self, folder: &Path) {
        let names = || self.texts.iter().map(|file| &file.name);
        let mut last: Option<&FileName> = None;
        for name in names().filter(|name| !name.is_down) {
            if let Some(last) = last.filter(|last| last.number == name.number) {
                let message =
                    format!("{}: {last} and {name} have the same number", folder.display());
                self.problems.push(
                    Diagnostic::error("migration-number", message)
                        .note("migrations run in the order of their numbers")
                        .help("give the newer one the next number, then run `idgraph migrate sum`"),
                );
            }
            last = Some(name);
        }
        let ways: HashSet<FileName> =
            names().filter(|up| !up.is_down).map(FileName::down).collect();
        for name in names().filter(|name| name.is_down) {
            if !ways.contains(name) {
                let path = folder.join(name.to_string());
                let up = FileName { is_down: false, ..name.clone() };
                self.problems.push(
                    Diagnostic::error(
                        "migration-missing",
                        format!("{} is the way back of {up}, which is not there", path.display()),
                    )
                    .help("put it back from version control, or remove this file, too"),
                );
            }
        }
    }
}

/// What the migrations of a folder stand on: its record.
fn ground(folder: &Path) -> (Arc<Ground>, Option<Diagnostics>) {
    let project = folder.ancestors().nth(2).unwrap_or(Path::new(""));
    let (schema, unread) = match Schema::read(folder) {
        Ok(schema) => (schema, None),
        Err(wrong) => (None, Some(wrong)),
    };
    (Arc::new(Ground::new(schema, Library::beside(project))), unread)
}

/// What the sum file says otherwise than the files.
fn against_sum(folder: &Path, texts: &[MigrationText]) -> Result<Vec<Diagnostic>> {
    let path = folder.join(SUM_FILE);
    let half_made = |listed| half_made(folder, texts.len(), listed).map(Vec::from_iter);
    let text = match read(folder, &path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && texts.is_empty() => {
            return half_made(0);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(vec![
                Diagnostic::error("sum-file", format!("there is no {}", path.display()))
                    .note("without it nobody can tell whether a migration was edited, removed or added")
                    .help("put it back from version control, or record the files as they are: idgraph migrate sum"),
            ]);
        }
        Err(error) => return Ok(vec![unreadable(&path, &error)]),
    };
    let recorded = match SumFile::parse(&Source::new(path.to_string_lossy(), text)) {
        Ok(recorded) => recorded,
        Err(malformed) => return Ok(malformed.into_iter().collect()),
    };
    let mut problems = half_made(recorded.lines.len())?;
    let known: HashSet<&FileName> = recorded.lines.iter().map(|line| &line.name).collect();
    let there: HashMap<&FileName, &MigrationText> =
        texts.iter().map(|file| (&file.name, file)).collect();
    let mut unlisted: Vec<_> = texts.iter().filter(|file| !known.contains(&file.name)).collect();
    let mut last: Option<&SumLine> = None;
    for line in &recorded.lines {
        let order = last.map_or(Ordering::Less, |last| last.name.cmp(&line.name));
        if order != Ordering::Less {
            problems.push(listed_wrongly(line, order == Ordering::Equal));
        }
        last = Some(line);
        match there.get(&line.name) {
            Some(file) if file.checksum == line.checksum => {}
            Some(file) => problems.push(edited(&file.source.name, line)),
            None => {
                let to = unlisted.iter().position(|file| file.checksum == line.checksum);
                let to = to.map(|index| unlisted.remove(index).name.to_string());
                problems.push(missing(folder, line, to.as_deref()));
            }
        }
    }
    for MigrationText { source, .. } in unlisted {
        problems.push(
            Diagnostic::error(
                "migration-unlisted",
                format!("{} is not in {SUM_FILE}", source.name),
            )
            .note("`idgraph migrate new` writes a migration and its checksum together")
            .help("if it was written by hand, record it: idgraph migrate sum"),
        );
    }
    Ok(problems)
}

/// The text of a file of a folder of migrations, which no link leads out of the project.
fn read(folder: &Path, path: &Path) -> std::io::Result<String> {
    let project = folder.ancestors().nth(2).unwrap_or(Path::new(""));
    if fs::symlink_metadata(path).is_ok()
        && let Err(outside) = files::within(project, path)
    {
        let said: Vec<&str> = outside.iter().map(Diagnostic::message).collect();
        return Err(std::io::Error::new(ErrorKind::PermissionDenied, said.join("; ")));
    }
    let text = files::text(path)?;
    // What an editor puts before the text is no part of it.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn edited(file: &str, line: &SumLine) -> Diagnostic {
    at(
        line,
        Diagnostic::error("migration-edited", format!("{file} is not as it was recorded")),
        "its checksum then",
    )
    .note("a database that ran it has what it said then")
    .help("put it back from version control and write the change as a new migration")
    .help("if no database has run it yet, record it as it is: idgraph migrate sum")
}

fn missing(folder: &Path, line: &SumLine, to: Option<&str>) -> Diagnostic {
    let path = folder.join(line.name.to_string());
    match to {
        Some(to) => {
            let message = format!("{} is now called {to}", path.display());
            at(line, Diagnostic::error("migration-moved", message), "its name when it was recorded")
                .note("a database that ran it knows it by its old number")
                .help("give it its name back; if no database has run it yet: idgraph migrate sum")
        }
        None => {
            let message = format!("there is no {}", path.display());
            at(line, Diagnostic::error("migration-missing", message), "it was recorded here")
                .note("without it a new database cannot become what the others are")
                .help("put it back from version control; if no database has run it: idgraph migrate sum")
        }
    }
}

fn listed_wrongly(line: &SumLine, twice: bool) -> Diagnostic {
    let what = if twice { "stands there twice" } else { "stands behind a later one" };
    let message = format!("{SUM_FILE}: {} {what}", line.name);
    at(line, Diagnostic::error("migration-order", message), "")
        .note("migrations are recorded in the order of their numbers")
        .help("if the files are as they should be, record them anew: idgraph migrate sum")
}

fn at(line: &SumLine, diagnostic: Diagnostic, text: &str) -> Diagnostic {
    match &line.place {
        Some(place) => diagnostic.at(place, text),
        None => diagnostic,
    }
}

fn does_not_fit(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error("migration-name", format!("{} is no migration's name: {why}", path.display()))
        .note("a file that is passed over in silence would be missed only in production")
        .help("name it like 0007_add_plan.sql (and 0007_add_plan.down.sql), or move it elsewhere")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display()))
        .help("check that it is a file of UTF-8 text and that you may read it")
}
