//! Migration files beside a project, written and recorded.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use idgraph::migrate::{Folder, SUM_FILE};

/// The folder of a dialect's migrations in a project's folder.
pub fn folder(project: &Path, dialect: &str) -> PathBuf {
    project.join("migrations").join(dialect)
}

/// Writes files and records all that are there.
pub fn write(project: &Path, dialect: &str, files: &[(&str, &str)]) {
    let folder = folder(project, dialect);
    fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("write");
    }
    record(project, dialect);
}

/// Records the files as they are.
pub fn record(project: &Path, dialect: &str) {
    let folder = folder(project, dialect);
    let sum = Folder::sum(&folder).expect("sound files");
    fs::write(folder.join(SUM_FILE), sum.text()).expect("write");
}
