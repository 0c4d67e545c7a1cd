//! A folder of migrations in which something is missing that every whole one has: a command that was cut off, or a disk that
//! was full, leaves one.

use std::path::Path;

use super::folder::SCHEMA_FILE;
use super::schema::Schema;
use super::sum::SUM_FILE;
use crate::diagnostic::{Diagnostic, Result};

/// What a folder lacks that is there; `files` is how many migrations it has, `listed` how many are in its sum file.
///
/// # Errors
/// When its record cannot be read.
pub(super) fn half_made(folder: &Path, files: usize, listed: usize) -> Result<Option<Diagnostic>> {
    let is_there = |name: &str| folder.join(name).exists();
    let shown = folder.display();
    // Each that is listed and not there is told by itself.
    if files > 0 || listed > 0 {
        return Ok(None);
    }
    let message = match (is_there(SCHEMA_FILE), is_there(SUM_FILE)) {
        (false, false) => format!("{shown} is empty: there is no migration in it"),
        (true, true) => match Schema::read(folder)? {
            // A project may want no table at all.
            Some(schema) if schema.objects.is_empty() => return Ok(None),
            _ => format!("{shown} has a record of tables, and no migration that makes them"),
        },
        (true, false) => {
            format!("{shown} has nothing but {SCHEMA_FILE}: there is no migration in it")
        }
        (false, true) => format!("{shown} has nothing but {SUM_FILE}: there is no migration in it"),
    };
    Ok(Some(
        Diagnostic::error("migrations-half-made", message)
            .note("`idgraph migrate new` may have been cut off, or files were not committed or were removed")
            .help("if there were migrations, put them back from version control")
            .help(format!("if there were none, remove {shown} and run `idgraph migrate new`")),
    ))
}

/// What is said where there are migrations and no record, to a command that cannot do without. Others can: migrations may all be
/// written by hand.
pub(super) fn no_record(folder: &Path) -> Diagnostic {
    Diagnostic::error(
        "recorded-schema",
        format!("there is no {}", folder.join(SCHEMA_FILE).display()),
    )
    .note("it says what the migrations beside it leave in the warehouse; without it nothing can be compared")
    .help("put it back from version control")
}
