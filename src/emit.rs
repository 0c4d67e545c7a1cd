//! Rendered files on disk: what would change, and the change, all of it or nothing.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::parallel;
use crate::render::{LongText, MARKER};

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
}

impl Difference {
    /// The word for it in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Leftover => "leftover",
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
            found.push((path, Difference::Leftover));
        }
    }
    found.sort();
    Ok(found)
}

/// Makes a folder as it should be: writes what is missing or stale, removes leftovers.
///
/// Every new text is on disk before the first file changes its name, so a full disk changes nothing.
///
/// # Errors
/// When something cannot be written.
pub fn write<'a>(
    folder: &Path,
    outputs: impl IntoIterator<Item = &'a Output>,
    changes: &[(PathBuf, Difference)],
) -> Result<()> {
    let changed: BTreeSet<&Path> = changes.iter().map(|(path, _)| path.as_path()).collect();
    let changed: Vec<&Output> =
        outputs.into_iter().filter(|output| changed.contains(output.path.as_path())).collect();
    let prepared = parallel::map(&changed, |output| {
        let path = folder.join(&output.path);
        match prepare(&path, |file| output.text.write_to(file)) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(Diagnostics::from(unwritable(&path, &error))),
        }
    });
    for (path, file) in prepared.into_iter().collect::<Result<Vec<_>>>()? {
        file.persist(&path).map_err(|error| unwritable(&path, &error.error))?;
    }
    for (path, _) in changes.iter().filter(|(_, what)| *what == Difference::Leftover) {
        let path = folder.join(path);
        fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
        // An empty folder is of no use; one that still holds something stays.
        let _ = path.parent().map(fs::remove_dir);
    }
    Ok(())
}

/// Writes one new file, whole or not at all.
///
/// # Errors
/// When it exists already or cannot be written.
pub fn create(path: &Path, text: &str) -> Result<()> {
    let file = prepare(path, |file| file.write_all(text.as_bytes()))
        .map_err(|error| unwritable(path, &error))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Diagnostic::error("exists", format!("{} exists already", path.display()))
                .note("idgraph never overwrites it")
                .help("move it away, or name another folder")
                .into())
        }
        Err(error) => Err(unwritable(path, &error.error).into()),
    }
}

/// Gives one existing file a new text, whole or not at all.
///
/// A link stays one, a byte order mark and the file's permissions stay.
///
/// # Errors
/// When it is not there or cannot be written.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let replaced = || {
        let path = fs::canonicalize(path)?;
        let mut head = Vec::new();
        File::open(&path)?.take(MARK.len() as u64).read_to_end(&mut head)?;
        let mark = if head == MARK { MARK } else { &[] };
        let file = prepare(&path, |file| {
            file.write_all(mark)?;
            file.write_all(text.as_bytes())
        })?;
        fs::set_permissions(&file, fs::metadata(&path)?.permissions())?;
        file.persist(&path).map_err(|error| error.error)
    };
    replaced().map_err(|error| unwritable(path, &error).into())
}

/// A new file beside the path, filled and closed again: there may be more files than a process may have open.
fn prepare(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<TempPath> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".idgraph-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other source file; a temporary file is private otherwise. The umask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    fill(file.as_file_mut())?;
    Ok(file.into_temp_path())
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
    let file = File::open(path)?;
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
    File::open(path)?.take(1024).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let is_comment = |line: &str| COMMENTS.iter().any(|comment| line.starts_with(comment));
    Ok(head.lines().take(2).any(|line| is_comment(line) && line.contains(MARKER)))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display()))
        .help("check that it is a file and that you may read it")
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unwritable", format!("cannot write {}: {error}", path.display()))
        .note("no file was changed halfway")
        .help("check the disk's free room and your rights there, or choose another folder")
}
