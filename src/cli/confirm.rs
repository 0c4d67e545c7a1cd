//! The question before something changes.

use std::io::{self, BufRead, IsTerminal};

use super::output;
use crate::diagnostic::{Diagnostic, Result};

/// How a change is agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// It was given on the command line, or nothing will change.
    Given,
    /// A person is asked.
    Asked,
}

impl Consent {
    /// Whether a person has to be asked.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub(super) fn of(is_given: bool) -> Result<Self> {
        if is_given {
            return Ok(Self::Given);
        }
        if io::stdin().is_terminal() {
            return Ok(Self::Asked);
        }
        Err(Diagnostic::error("not-confirmed", "nobody is there to ask: stdin is no terminal")
            .note("apply shows what it will do and asks before it changes anything")
            .help("look with --dry-run, then say --yes")
            .into())
    }
}

/// Asks a person; anything but a yes is a no.
pub(super) fn is_wanted(question: &str) -> bool {
    output::prompt(format_args!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
