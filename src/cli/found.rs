//! Where the project file is: here, or in a folder above.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::output;

const NAME: &str = "idgraph.yml";

/// The project file that is given; else that of this folder or of the nearest above, up to the repository's or the last.
/// Where there is none, what it would be here.
pub(super) fn project(given: Option<&Path>) -> PathBuf {
    if let Some(path) = given {
        return path.to_owned();
    }
    let here = PathBuf::from(NAME);
    let Ok(folder) = std::env::current_dir() else { return here };
    let owner = folder.metadata();
    let mut way = PathBuf::new();
    for folder in folder.ancestors() {
        let path = folder.join(NAME);
        if path.symlink_metadata().is_ok() {
            if way.as_os_str().is_empty() {
                return here;
            }
            // A project of others is used where it is named, not because it happens to be above.
            if !same_owner(owner.as_ref().ok(), path.metadata().ok().as_ref()) {
                return here;
            }
            let path = way.join(NAME);
            output::message(format_args!(
                "the project is {}",
                output::printable(&path.display().to_string())
            ));
            return path;
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            break;
        }
        way.push("..");
    }
    here
}

#[cfg(unix)]
fn same_owner(one: Option<&Metadata>, other: Option<&Metadata>) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.zip(other).is_some_and(|(one, other)| one.uid() == other.uid())
}

#[cfg(not(unix))]
fn same_owner(_: Option<&Metadata>, _: Option<&Metadata>) -> bool {
    true
}
