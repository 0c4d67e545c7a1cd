//! A change of several files, all of it or nothing, even when the process is killed.
//!
//! New texts are put into a hidden folder. Then one rename makes the record of what is to be done: from there on the change
//! counts as made. Files are moved to their places, and the hidden folder goes. Whoever comes next and finds one finishes
//! the change, or takes it back where there is no record yet.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::Disk;
use super::sum::checksum;
use crate::diagnostic::{Diagnostic, Result};
use crate::{files, parallel};

/// The hidden folder, in the folder that is changed.
pub(super) const WORK: &str = ".idgraph-work";

/// The record of a change that is made.
const RECORD: &str = "record";

/// The record of a change that could not be made and is taken back.
const BACK: &str = "back";

/// What happens to one file.
pub(super) struct Change<'a> {
    /// Its path below the folder.
    pub path: PathBuf,
    /// Writes its new text; `None` to remove it.
    #[allow(clippy::type_complexity, reason = "it is named once")]
    pub fill: Option<Box<dyn Fn(&mut File) -> io::Result<()> + Sync + 'a>>,
    /// The checksum of that text, where it is known.
    pub sum: Option<String>,
    /// Whether it must not be there yet.
    pub is_new: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The hidden folder's own number: a record that came with a copy or a checkout is not acted on.
    folder: u64,
    steps: Vec<Step>,
    /// The folders that are made, outer ones first.
    folders: Vec<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Step {
    path: PathBuf,
    /// The checksum of the new text; `None` to remove the file.
    new: Option<String>,
    /// The checksum of the text that it had; `None` when it was not there.
    was: Option<String>,
}

/// What went wrong, and with which file.
type Failure = (PathBuf, io::Error);

/// Makes a change.
///
/// # Errors
/// When it cannot be made. Then nothing is changed.
pub(super) fn commit(disk: &Disk, root: &Path, changes: &[Change<'_>]) -> Result<()> {
    let root = named(root);
    let above = |change: &Change<'_>| root.join(&change.path).parent().map(Path::to_owned);
    for folder in changes.iter().filter_map(above).collect::<BTreeSet<_>>() {
        files::within(root, &folder)?;
    }
    let was_there = root.exists();
    disk.make_folder(root).map_err(|error| unwritable(&(root.to_owned(), error)))?;
    let _lock = lock(root);
    recover_locked(disk, root)?;
    let made = stage(disk, root, changes).and_then(|record| make(disk, root, &record));
    let is_recorded = || [RECORD, BACK].iter().any(|name| root.join(WORK).join(name).exists());
    if made.is_err() && !is_recorded() {
        // What cannot be cleaned up now, the next run does.
        let _ = clean(disk, root);
        if !was_there {
            let _ = disk.remove_folder(root);
        }
    }
    made
}

/// Finishes or takes back what a killed run began in a folder.
///
/// # Errors
/// When that cannot be done.
pub(crate) fn recover(root: &Path) -> Result<()> {
    let root = named(root);
    // Hardly ever there, so hardly ever locked.
    if fs::symlink_metadata(root.join(WORK)).is_err() {
        return Ok(());
    }
    let _lock = lock(root);
    recover_locked(&Disk::default(), root)
}

fn named(root: &Path) -> &Path {
    if root == Path::new("") { Path::new(".") } else { root }
}

/// One process at a time changes a folder; the lock of one that was killed is free. Not every file system has locks.
fn lock(root: &Path) -> Option<File> {
    let folder = File::open(root).ok()?;
    folder.lock().ok().map(|()| folder)
}

/// Puts the new texts, and second names of the old ones, into the hidden folder.
fn stage(disk: &Disk, root: &Path, changes: &[Change<'_>]) -> Result<Record> {
    let work = root.join(WORK);
    disk.make_folder(&work).map_err(|error| unwritable(&(work.clone(), error)))?;
    let numbered: Vec<(usize, &Change<'_>)> = changes.iter().enumerate().collect();
    let steps = parallel::map(&numbered, |(number, change)| {
        let step = step(disk, root, *number, change);
        step.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&root.join(&change.path)).into(),
            _ => unwritable(&(root.join(&change.path), error)).into(),
        })
    });
    let steps: Vec<Step> = steps.into_iter().collect::<Result<_>>()?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for change in changes.iter().filter(|change| change.fill.is_some()) {
        let above: Vec<&Path> = change.path.ancestors().skip(1).collect();
        for folder in above.into_iter().rev().filter(|folder| *folder != Path::new("")) {
            if !root.join(folder).exists() && !folders.iter().any(|one| one == folder) {
                folders.push(folder.to_owned());
            }
        }
    }
    Ok(Record { folder: number_of(&work), steps, folders })
}

fn step(disk: &Disk, root: &Path, number: usize, change: &Change<'_>) -> io::Result<Step> {
    let (work, target) = (root.join(WORK), root.join(&change.path));
    let was = sum_of(&target)?;
    if change.is_new && fs::symlink_metadata(&target).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut new = None;
    if let Some(fill) = &change.fill {
        let staged = work.join(format!("new-{number}"));
        disk.create(&staged, |file| fill(file))?;
        if was.is_some() {
            fs::set_permissions(&staged, fs::metadata(&target)?.permissions())?;
        }
        new = match &change.sum {
            Some(sum) => Some(sum.clone()),
            None => sum_of(&staged)?,
        };
    }
    if was.is_some() {
        disk.keep(&target, &work.join(format!("old-{number}")))?;
    }
    Ok(Step { path: change.path.clone(), new, was })
}

/// Writes the record, then does what it says; takes all of it back where something fails.
fn make(disk: &Disk, root: &Path, record: &Record) -> Result<()> {
    let work = root.join(WORK);
    let recorded = || {
        let text = serde_json::to_string(record).map_err(io::Error::other)?;
        let begun = work.join("record-begun");
        disk.create(&begun, |file| io::Write::write_all(file, text.as_bytes()))?;
        disk.rename(&begun, &work.join(RECORD))
    };
    recorded().map_err(|error| unwritable(&(work.join(RECORD), error)))?;
    if let Err(failure) = forward(disk, root, record, false) {
        let back = disk.rename(&work.join(RECORD), &work.join(BACK));
        let _ = back.and_then(|()| backward(disk, root, record)).and_then(|()| clean(disk, root));
        return Err(unwritable(&failure).into());
    }
    // It is made, whoever cleans up.
    let _ = clean(disk, root);
    Ok(())
}

/// Does what is left of a record; has the files that somebody changed since it was written.
fn forward(
    disk: &Disk,
    root: &Path,
    record: &Record,
    is_late: bool,
) -> std::result::Result<Vec<PathBuf>, Failure> {
    let mut changed = Vec::new();
    for (number, step) in record.steps.iter().enumerate() {
        let target = root.join(&step.path);
        let staged = root.join(WORK).join(format!("new-{number}"));
        let taken = || -> io::Result<bool> {
            // A new text that is not there any more is in its place already.
            if step.new.is_some() && !staged.exists() {
                return Ok(true);
            }
            let now = if is_late { sum_of(&target)? } else { None };
            let is_done = step.new.is_none() && now.is_none() && is_late;
            if is_late && now != step.was && !is_done {
                return Ok(false);
            }
            if step.new.is_none() {
                disk.remove(&target)?;
                // An empty folder is of no use; one that still holds something stays.
                target.parent().map_or(Ok(()), |folder| disk.remove_folder(folder))?;
                return Ok(true);
            }
            if let Some(folder) = target.parent().filter(|folder| !folder.exists()) {
                disk.make_folder(folder)?;
            }
            disk.rename(&staged, &target).map(|()| true)
        };
        match taken() {
            Ok(true) => {}
            Ok(false) => changed.push(target),
            Err(error) => return Err((target, error)),
        }
    }
    Ok(changed)
}

/// Puts back what a record has changed.
fn backward(disk: &Disk, root: &Path, record: &Record) -> io::Result<()> {
    let work = root.join(WORK);
    for (number, step) in record.steps.iter().enumerate().rev() {
        let target = root.join(&step.path);
        let (old, new) = (work.join(format!("old-{number}")), work.join(format!("new-{number}")));
        if fs::symlink_metadata(&old).is_ok() {
            target.parent().map_or(Ok(()), |folder| disk.make_folder(folder))?;
            disk.rename(&old, &target)?;
        } else if step.was.is_none() && !new.exists() && sum_of(&target)? == step.new {
            disk.remove(&target)?;
        }
    }
    let mut folders = record.folders.iter().rev();
    folders.try_for_each(|folder| disk.remove_folder(&root.join(folder)))
}

fn recover_locked(disk: &Disk, root: &Path) -> Result<()> {
    let work = root.join(WORK);
    let is_folder = match fs::symlink_metadata(&work) {
        Ok(found) => found.is_dir(),
        Err(_) => return Ok(()),
    };
    let failed = |error: io::Error| unwritable(&(work.clone(), error));
    let back = if is_folder { recorded(root, &work.join(BACK))? } else { None };
    let record = if is_folder { recorded(root, &work.join(RECORD))? } else { None };
    let mut changed = Vec::new();
    if let Some(back) = back {
        backward(disk, root, &back).map_err(failed)?;
    } else if let Some(record) = record {
        changed = forward(disk, root, &record, true).map_err(|failure| unwritable(&failure))?;
    }
    if is_folder {
        clean(disk, root).map_err(failed)?;
    }
    let changed = changed.into_iter().map(|path| {
        Diagnostic::error(
            "changed",
            format!("{} changed after a command of idgraph had been killed", path.display()),
        )
        .note("what that command was to write there is not written; all else of it is")
        .help("look at the file, then run both commands again")
    });
    crate::diagnostic::Diagnostics::check(changed.collect())
}

/// A record as it was written here; none where there is none.
fn recorded(root: &Path, path: &Path) -> Result<Option<Record>> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let foreign = || {
        let work = root.join(WORK);
        Diagnostic::error("unfinished", format!("{} is of no change that was begun here", work.display()))
            .note("idgraph keeps a change there until all of it is made; this one came with a copy, or is broken")
            .help(format!("look whether the files are as you want them, then remove {}", work.display()))
    };
    let record: Record = files::text(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(foreign)?;
    let is_plain = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
    let mut paths = record.steps.iter().map(|step| &step.path).chain(&record.folders);
    if record.folder != number_of(&root.join(WORK)) || !paths.all(|path| is_plain(path)) {
        return Err(foreign().into());
    }
    for step in &record.steps {
        files::within(root, root.join(&step.path).parent().unwrap_or(root))?;
    }
    Ok(Some(record))
}

/// Removes what is in the hidden folder, the record first, and the folder. What is not ours stays there.
fn clean(disk: &Disk, root: &Path) -> io::Result<()> {
    let work = root.join(WORK);
    for name in [RECORD, BACK, "record-begun"] {
        disk.remove(&work.join(name))?;
    }
    for entry in fs::read_dir(&work)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let number = name.strip_prefix("new-").or_else(|| name.strip_prefix("old-"));
        if number.is_some_and(|number| number.parse::<usize>().is_ok()) {
            disk.remove(&entry.path())?;
        }
    }
    disk.remove_folder(&work)
}

/// The checksum of a file; none where there is no file.
fn sum_of(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => checksum(File::open(path)?).map(Some),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The number that a file system gives a folder, which no copy of it has.
fn number_of(folder: &Path) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(folder).map_or(0, |found| found.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        0
    }
}

fn exists(path: &Path) -> Diagnostic {
    Diagnostic::error("exists", format!("{} exists already", path.display()))
        .note("idgraph never overwrites it")
        .help("move it away, or name another folder")
}

fn unwritable((path, error): &Failure) -> Diagnostic {
    Diagnostic::error("unwritable", format!("cannot write {}: {error}", path.display()))
        .note("no file was changed halfway")
        .help("check the disk's free room and your rights there, or choose another folder")
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
