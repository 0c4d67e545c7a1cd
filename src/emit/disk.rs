//! What is done to a disk, operation by operation, so that a test can end a run between any two of them.

use std::fs::{self, File};
use std::io;
use std::path::Path;
#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};

/// The operations of a change. In tests it can die, as a process that is killed does.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// How many operations are left, plus one; 0 for any number.
    #[cfg(test)]
    left: AtomicUsize,
}

impl Disk {
    /// A disk of a process that is killed before its next operation but so many.
    #[cfg(test)]
    pub(super) fn dies_after(operations: usize) -> Self {
        Self { left: AtomicUsize::new(operations + 1) }
    }

    /// Whether the process was killed.
    #[cfg(test)]
    pub(super) fn is_dead(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 1
    }

    #[cfg(test)]
    fn lives(&self) -> io::Result<()> {
        let next = |left: usize| match left {
            0 => Some(0),
            1 => None,
            more => Some(more - 1),
        };
        match self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other("killed")),
        }
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as in tests")]
    fn lives(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.lives()?;
        fs::create_dir_all(path)
    }

    /// A new file; one that is there already is an error.
    pub(super) fn create(
        &self,
        path: &Path,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        self.lives()?;
        let mut file = File::options().write(true).create_new(true).open(path)?;
        // Half of a file can be there, too.
        self.lives()?;
        fill(&mut file)
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.lives()?;
        fs::rename(from, to)
    }

    /// A second name for a file, or a copy where the file system has no such thing.
    pub(super) fn keep(&self, path: &Path, as_well: &Path) -> io::Result<()> {
        self.lives()?;
        fs::hard_link(path, as_well).or_else(|_| fs::copy(path, as_well).map(|_| ()))
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        self.lives()?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a folder, if it is there and empty.
    pub(super) fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.lives()?;
        let _ = fs::remove_dir(path);
        Ok(())
    }
}
