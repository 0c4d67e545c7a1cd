//! Rendered files on disk: what would change, and the change, all of it or nothing.

mod commit;
mod disk;
mod sum;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use commit::Change;
pub(crate) use commit::recover;
use disk::Disk;
pub(crate) use sum::SUM_FILE;
use sum::{Written, checksum};

use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::render::{LongText, MARKER};
use crate::{files, parallel};

/// How a comment begins in the files that idgraph writes: SQL, HTML, CSS and JavaScript.
const COMMENTS: [&str; 4] = ["--", "<!--", "/*", "//"];

/// A byte order mark, which some editors put before a text.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// As many bytes of two files are compared at a time.
const PIECE: usize = 1 << 16;

/// A file that should be on disk.
#[derive(Debug)]
pub struct Output {
    /// Its path below the output folder: `postgres/20_id_graph.sql`.
    pub path: PathBuf,
    /// Its whole text.
    pub text: LongText,
}

/// How a file on disk differs from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// It is not there.
    Missing,
    /// It has another text.
    Stale,
    /// idgraph made it, and nothing in the project makes it any more.
    Leftover,
    /// It says that idgraph made it, but is not as it was made: edited, or a copy. It stays.
    Edited,
}

impl Difference {
    /// The word for it in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Leftover => "leftover",
            Self::Edited => "edited",
        }
    }
}

/// What of a folder is compared with what should be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything in it.
    Whole,
    /// These folders in it, the empty name for the folder itself.
    Folders(Vec<String>),
    /// The files themselves, nothing else.
    Files,
}

/// The files of `folder` that are not as they should be, sorted by path.
///
/// # Errors
/// When a file cannot be read, or stands where idgraph wants to write and was not made by it.
pub fn differences(
    folder: &Path,
    outputs: &[Output],
    scope: &Scope,
) -> Result<Vec<(PathBuf, Difference)>> {
    recover(folder)?;
    let written = Written::read(folder);
    let mut found = Vec::new();
    let mut foreign = Vec::new();
    for output in outputs {
        let path = folder.join(&output.path);
        let unreadable = |error: &io::Error| unreadable(&path, error);
        match holds(&path, &output.text) {
            Ok(true) => {}
            Ok(false) => match is_ours(&path) {
                Ok(true) => found.push((output.path.clone(), Difference::Stale)),
                Ok(false) => foreign.push(
                    Diagnostic::error(
                        "not-ours",
                        format!("{} exists, and idgraph did not write it", path.display()),
                    )
                    .note(format!("its first lines do not say \"{MARKER}\""))
                    .help("move it away, or render into another folder with --out DIR"),
                ),
                Err(error) => foreign.push(unreadable(&error)),
            },
            Err(error) if is_absent(&error) => {
                found.push((output.path.clone(), Difference::Missing));
            }
            Err(error) => foreign.push(unreadable(&error)),
        }
    }
    Diagnostics::check(foreign)?;
    let wanted: BTreeSet<&Path> = outputs.iter().map(|output| output.path.as_path()).collect();
    for path in candidates(folder, outputs, scope)? {
        if !wanted.contains(path.as_path()) && is_ours(&folder.join(&path)).is_ok_and(|is| is) {
            let as_written = written.has(folder, &path);
            found.push((path, if as_written { Difference::Leftover } else { Difference::Edited }));
        }
    }
    found.sort();
    Ok(found)
}

/// Makes a folder as it should be: writes what is missing or stale, removes leftovers, all of it or nothing.
///
/// # Errors
/// When something cannot be written. Then nothing is changed.
pub fn write<'a>(
    folder: &Path,
    outputs: impl IntoIterator<Item = &'a Output>,
    changes: &[(PathBuf, Difference)],
) -> Result<()> {
    let outputs: Vec<&Output> = outputs.into_iter().collect();
    commit::commit(&Disk::default(), folder, &changes_of(&outputs, changes, &Written::default()))
}

/// As [`write()`], and notes in the folder what was written, so that only that is ever removed.
///
/// # Errors
/// As [`write()`].
pub fn write_noted(
    folder: &Path,
    outputs: &[Output],
    changes: &[(PathBuf, Difference)],
) -> Result<()> {
    let all: Vec<&Output> = outputs.iter().collect();
    let mut written = Written::read(folder);
    let sums = parallel::map(outputs, |output| checksum(output.text.reader()?));
    for (output, sum) in outputs.iter().zip(sums) {
        let path = folder.join(&output.path);
        written.note(&output.path, sum.map_err(|error| unreadable(&path, &error))?);
    }
    let removed = changes.iter().filter(|(_, what)| *what == Difference::Leftover);
    let removed = removed.map(|(path, _)| path.as_path()).collect();
    let new = outputs.iter().map(|output| output.path.as_path()).collect();
    written.keep_present(folder, &removed, &new);
    let text = written.text();
    let mut changes = changes_of(&all, changes, &written);
    let is_noted = files::text(&folder.join(SUM_FILE)).is_ok_and(|noted| noted == text);
    if !is_noted {
        changes.push(change(PathBuf::from(SUM_FILE), &text, false));
    }
    if changes.is_empty() { Ok(()) } else { commit::commit(&Disk::default(), folder, &changes) }
}

/// Whether a file of a folder is as it was noted there.
pub(crate) fn is_as_noted(folder: &Path, path: &Path) -> bool {
    Written::read(folder).has(folder, path)
}

/// Notes a file in its folder that was written in another way.
///
/// # Errors
/// When it cannot be read or the note cannot be written.
pub(crate) fn note(folder: &Path, path: &Path) -> Result<()> {
    let mut written = Written::read(folder);
    let sum = files::open(&folder.join(path)).and_then(checksum);
    written.note(path, sum.map_err(|error| unreadable(path, &error))?);
    let text = written.text();
    commit::commit(&Disk::default(), folder, &[change(PathBuf::from(SUM_FILE), &text, false)])
}

fn changes_of<'a>(
    outputs: &[&'a Output],
    changes: &[(PathBuf, Difference)],
    noted: &Written,
) -> Vec<Change<'a>> {
    let changed: BTreeSet<&Path> = changes.iter().map(|(path, _)| path.as_path()).collect();
    let written = outputs.iter().filter(|output| changed.contains(output.path.as_path()));
    let written = written.map(|output| Change {
        path: output.path.clone(),
        fill: Some(Box::new(|file: &mut File| output.text.write_to(file))),
        sum: noted.only(&output.path),
        is_new: false,
    });
    let leftover = changes.iter().filter(|(_, what)| *what == Difference::Leftover);
    let removed = leftover.map(|(path, _)| Change {
        path: path.clone(),
        fill: None,
        sum: None,
        is_new: false,
    });
    written.chain(removed).collect()
}

fn change(path: PathBuf, text: &str, is_new: bool) -> Change<'_> {
    let fill = Box::new(|file: &mut File| file.write_all(text.as_bytes()));
    Change { path, fill: Some(fill), sum: None, is_new }
}

/// Writes one new file, whole or not at all.
///
/// # Errors
/// When it exists already or cannot be written.
pub fn create(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    create_all(folder, &[(Path::new(path.file_name().unwrap_or_default()), text)])
}

/// Writes new files into a folder, all of them or none.
///
/// # Errors
/// When one exists already or cannot be written.
pub fn create_all(folder: &Path, texts: &[(&Path, &str)]) -> Result<()> {
    let changes: Vec<_> =
        texts.iter().map(|(path, text)| change(path.to_path_buf(), text, true)).collect();
    commit::commit(&Disk::default(), folder, &changes)
}

/// Gives existing files new texts, all of them or none; what is between them and `folder` is the same for all.
///
/// A link stays one, a byte order mark and the file's permissions stay.
///
/// # Errors
/// When one is not there, is outside of the folder, or cannot be written.
pub fn replace(folder: &Path, texts: &[(&Path, &str)]) -> Result<()> {
    replace_and_create(folder, texts, &[])
}

/// As [`replace`], and writes new files into the folder in the same change.
///
/// # Errors
/// As [`replace`] and [`create_all`].
pub fn replace_and_create(
    folder: &Path,
    texts: &[(&Path, &str)],
    new: &[(&Path, &str)],
) -> Result<()> {
    let folder = fs::canonicalize(if folder == Path::new("") { Path::new(".") } else { folder })
        .map_err(|error| unreadable(folder, &error))?;
    let mut marked = Vec::new();
    for (path, text) in texts {
        let found = || {
            let real = fs::canonicalize(path)?;
            let mut head = Vec::new();
            files::open(&real)?.take(MARK.len() as u64).read_to_end(&mut head)?;
            let mark = if head == MARK { "\u{feff}" } else { "" };
            Ok((real, format!("{mark}{text}")))
        };
        let (real, text) = found().map_err(|error| unreadable(path, &error))?;
        files::within(&folder, &real)?;
        marked.push((real.strip_prefix(&folder).map_or(real.clone(), Path::to_owned), text));
    }
    let old = marked.iter().map(|(path, text)| change(path.clone(), text, false));
    let new = new.iter().map(|(path, text)| change(path.to_path_buf(), text, true));
    let changes: Vec<_> = old.chain(new).collect();
    commit::commit(&Disk::default(), &folder, &changes)
}

/// The files in scope that are of a kind with the outputs, by path below the folder.
fn candidates(folder: &Path, outputs: &[Output], scope: &Scope) -> Result<Vec<PathBuf>> {
    let kinds: BTreeSet<_> = outputs.iter().filter_map(|output| output.path.extension()).collect();
    let folders: Vec<PathBuf> = match scope {
        Scope::Files => Vec::new(),
        Scope::Folders(names) => names.iter().map(PathBuf::from).collect(),
        Scope::Whole => {
            entries(folder)?.into_iter().filter(|name| folder.join(name).is_dir()).collect()
        }
    };
    let mut files = Vec::new();
    for inner in folders {
        for name in entries(&folder.join(&inner))? {
            if name.extension().is_some_and(|kind| kinds.contains(kind)) {
                files.push(inner.join(name));
            }
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            Ok(entries.flatten().map(|entry| PathBuf::from(entry.file_name())).collect())
        }
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(unreadable(folder, &error).into()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// Whether a file holds exactly that text. Neither is read as a whole.
///
/// # Errors
/// When one of them cannot be read.
pub fn holds(path: &Path, text: &LongText) -> io::Result<bool> {
    let file = files::open(path)?;
    if file.metadata()?.is_file() && file.metadata()?.len() != text.len() {
        return Ok(false);
    }
    let mut one = BufReader::with_capacity(PIECE, file);
    let mut other = BufReader::with_capacity(PIECE, text.reader()?);
    loop {
        let (had, wanted) = (one.fill_buf()?, other.fill_buf()?);
        let length = had.len().min(wanted.len());
        if had.get(..length) != wanted.get(..length) {
            return Ok(false);
        }
        if length == 0 {
            return Ok(had.is_empty() && wanted.is_empty());
        }
        one.consume(length);
        other.consume(length);
    }
}

/// Whether the first lines of a file say that idgraph wrote it.
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    files::open(path)?.take(1024).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let is_comment = |line: &str| COMMENTS.iter().any(|comment| line.starts_with(comment));
    Ok(head.lines().take(2).any(|line| is_comment(line) && line.contains(MARKER)))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display()))
        .help("check that it is a file and that you may read it")
}
