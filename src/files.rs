//! Files that others wrote: regular ones of a bearable size, and none outside of the folder that they belong to.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Result};

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Opens a file to read it: opening a pipe would wait for a writer.
///
/// # Errors
/// When it is not a regular file or cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    let metadata = fs::metadata(path)?;
    // Of a folder the system says itself that it cannot be read.
    if !(metadata.is_file() || metadata.is_dir()) {
        return Err(refused("it is not a regular file".to_owned()));
    }
    File::open(path)
}

/// The bytes of a regular file that is no larger than [`LARGEST`].
///
/// # Errors
/// When it cannot be read, is a device, a pipe or a socket, or is larger.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    bytes_up_to(path, LARGEST)
}

/// As [`bytes`], with a limit of its own.
///
/// # Errors
/// As [`bytes`].
pub fn bytes_up_to(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    if metadata.len() <= largest {
        // A file may grow while it is read, and some file systems report no size.
        file.take(largest + 1).read_to_end(&mut bytes)?;
    }
    match metadata.len() > largest || bytes.len() as u64 > largest {
        true => Err(refused(format!("it has more than {largest} bytes"))),
        false => Ok(bytes),
    }
}

fn refused(why: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, why)
}

/// As [`bytes`], of UTF-8 text.
///
/// # Errors
/// As [`bytes`], and when it is no text.
pub fn text(path: &Path) -> io::Result<String> {
    text_up_to(path, LARGEST)
}

/// As [`text`], of a file no larger than that.
///
/// # Errors
/// As [`text`].
pub fn text_up_to(path: &Path, largest: u64) -> io::Result<String> {
    String::from_utf8(bytes_up_to(path, largest)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Refuses a path that links or `..` lead out of a folder, whether or not there is anything.
///
/// # Errors
/// When it leads out.
pub fn within(folder: &Path, path: &Path) -> Result<()> {
    let unresolved = |error: &io::Error| {
        Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display()))
            .help("check that it is there and that you may read it")
    };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let (root, real) = match (real(folder), real(path)) {
        (Ok(root), Ok(real)) => (root, real),
        (Err(error), _) | (_, Err(error)) => return Err(unresolved(&error).into()),
    };
    if real.starts_with(&root) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "outside",
        format!("{} leads out of the project's folder", path.display()),
    )
    .note("nothing outside of it is read or written, so that a project of others can be rendered without fear")
    .help("put the file itself in the place of the link, or take `..` out of the name")
    .into())
}

/// Where a path leads, links followed as far as it is there.
fn real(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A link to nothing would be followed by whoever writes there.
            if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
                let to = fs::read_link(path)?;
                return real(&path.parent().unwrap_or(Path::new(".")).join(to));
            }
            let parent = path.parent().filter(|parent| *parent != Path::new(""));
            match (path.file_name(), parent) {
                (Some(name), Some(parent)) => Ok(real(parent)?.join(name)),
                (Some(name), None) => Ok(fs::canonicalize(".")?.join(name)),
                // It ends in `..`, below what is not there.
                (None, _) => Err(error),
            }
        }
        other => other,
    }
}
