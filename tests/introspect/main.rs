//! `idgraph introspect`: what has landed comes into the project file, and all else of the file stays as it is.

#[path = "../support/mod.rs"]
mod support;

mod edits;
mod exports;
mod live;
mod mistakes;

use std::fs;
use std::path::Path;

/// Whether the golden files are to be written anew.
fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// Holds a text against a golden file, or writes it.
#[track_caller]
fn golden(path: &Path, text: &str) {
    if updates() {
        fs::write(path, text).unwrap();
    }
    let expected = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE=1 writes it", path.display()));
    assert_eq!(text, expected, "{}: UPDATE=1 rewrites it", path.display());
}
