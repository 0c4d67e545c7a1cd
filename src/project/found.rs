//! The mistakes found in one project file.

use crate::diagnostic::{Diagnostic, Diagnostics, Result};

/// Nobody reads more than this in one go, and each message shows its line: a huge broken file would take
/// minutes to explain in full.
const SHOWN: usize = 50;

/// Collects mistakes until the whole file has been looked at.
#[derive(Debug, Default)]
pub(super) struct Found {
    list: Vec<Diagnostic>,
    more: usize,
}

impl Found {
    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < SHOWN {
            self.list.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// `Ok` when there was none; else all of them, in the order of the file.
    pub fn finish(mut self) -> Result<()> {
        self.list.sort_by_key(|diagnostic| diagnostic.place().map_or(0, |place| place.span.start));
        if self.more > 0 {
            let message = format!("{} more mistakes in this file are not shown", self.more);
            self.list.push(
                Diagnostic::error("too-many-mistakes", message)
                    .help("correct the ones above, then run the command again"),
            );
        }
        Diagnostics::check(self.list)
    }
}
