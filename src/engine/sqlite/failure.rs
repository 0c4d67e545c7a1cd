//! What SQLite says when something failed, and what to do about it.

use std::time::Duration;

use rusqlite::ErrorCode;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::code_line;
use crate::project::DatabaseFile;

/// Another process holds the files' lock.
pub(super) fn busy(file: &DatabaseFile, patience: Duration) -> Diagnostics {
    let seconds = patience.as_secs_f32().round();
    Diagnostic::error(
        "locked",
        format!(
            "another process is writing to {}; waited {seconds} s for it",
            file.shown.display()
        ),
    )
    .note("SQLite does not say which")
    .help("wait for it to end, or give it longer with --lock-timeout SECONDS")
    .into()
}

/// A statement, or opening, failed.
pub(super) fn failed(file: &DatabaseFile, error: &rusqlite::Error, sql: &str) -> Diagnostics {
    let what = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    let what = without_path(&what, file);
    let help = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process writes to it: wait for it to end, or give it longer with --lock-timeout SECONDS"
        }
        Some(ErrorCode::NotADatabase) => {
            "the target's `path` names a file that is no SQLite database"
        }
        Some(ErrorCode::DiskFull) => "make room on the disk, then run the command again",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "check that the folder exists and that you may write to it and to the file"
        }
        _ => "correct that, then run the command again",
    };
    let name = match file.shown.to_str() {
        Some("") => "in memory".to_owned(),
        _ => file.shown.display().to_string(),
    };
    let diagnostic = Diagnostic::error("statement-failed", format!("database {name}: {what}"));
    match code_line(sql) {
        Some(code) => diagnostic.note(format!("in: {code}")),
        None => diagnostic,
    }
    .help(help)
    .into()
}

/// Words of the system's or SQLite's, with the path of the database as the project has it.
pub(super) fn without_path(words: &str, file: &DatabaseFile) -> String {
    match file.path.to_str().filter(|path| !path.is_empty()) {
        Some(path) => words.replace(path, &file.shown.display().to_string()),
        None => words.to_owned(),
    }
}
