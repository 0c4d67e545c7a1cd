//! What idgraph wrote into a folder, file by file: a file that a person edited or copied is not idgraph's to remove.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::files;
use crate::render::MARKER;

/// The name of the file that says so.
pub(crate) const SUM_FILE: &str = "idgraph.sum";

/// What was written, by path below the folder, with `/` on every system. After a merge there may be two texts of a file.
#[derive(Debug, Default)]
pub(super) struct Written {
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Written {
    /// What a folder's file says. Lines that say nothing, such as those between branches, are passed over: what is not
    /// known is not removed.
    pub(super) fn read(folder: &Path) -> Self {
        let path = folder.join(SUM_FILE);
        let is_link = path.symlink_metadata().is_ok_and(|found| found.is_symlink());
        let text = if is_link { String::new() } else { files::text(&path).unwrap_or_default() };
        let mut written = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, sum)) = line.rsplit_once(' ')
                && sum.len() == 64
            {
                written.files.entry(name.to_owned()).or_default().insert(sum.to_owned());
            }
        }
        written
    }

    /// Whether a file is as it was written there.
    pub(super) fn has(&self, folder: &Path, path: &Path) -> bool {
        let sums = self.files.get(&name(path));
        let read = || checksum(files::open(&folder.join(path))?);
        sums.is_some_and(|sums| read().is_ok_and(|sum| sums.contains(&sum)))
    }

    /// The checksum of a file that has one text.
    pub(super) fn only(&self, path: &Path) -> Option<String> {
        let sums = self.files.get(&name(path)).filter(|sums| sums.len() == 1);
        sums.and_then(|sums| sums.first().cloned())
    }

    /// Notes a file's text, the only one from now on.
    pub(super) fn note(&mut self, path: &Path, sum: String) {
        self.files.insert(name(path), BTreeSet::from([sum]));
    }

    /// Forgets the files that are not there any more.
    pub(super) fn keep_present(
        &mut self,
        folder: &Path,
        removed: &BTreeSet<&Path>,
        new: &BTreeSet<&Path>,
    ) {
        self.files.retain(|name, _| {
            let path = Path::new(name);
            new.contains(path) || (!removed.contains(path) && folder.join(path).is_file())
        });
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "# {MARKER}: the files here, as they were written. What was edited or copied is not in it and never removed.\n\
             # Commit it with the files; after a merge, render again.\n"
        );
        for (name, sums) in &self.files {
            for sum in sums {
                text.push_str(&format!("{name} {sum}\n"));
            }
        }
        text
    }
}

fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The SHA-256 of a text, whatever its line ends.
pub(super) fn checksum(mut text: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = text.read(&mut piece)?;
        if read == 0 {
            break;
        }
        let bytes = piece.get(..read).unwrap_or_default();
        for part in bytes.split(|byte| *byte == b'\r') {
            hash.update(part);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
