//! The mistakes found in one file.

use super::words::many;
use crate::diagnostic::{Diagnostic, Diagnostics, Result};

/// Nobody reads more than this in one go.
const SHOWN: usize = 50;

/// In a large file the line of each mistake takes long to find and show.
const SHOWN_OF_LARGE: usize = 10;

/// A large file, in bytes.
const LARGE: usize = 1 << 20;

/// Collects mistakes until the whole file has been looked at.
#[derive(Debug)]
pub(crate) struct Found {
    list: Vec<Diagnostic>,
    shown: usize,
    more: usize,
}

impl Found {
    /// None yet, in a file of so many bytes.
    pub fn new(bytes: usize) -> Self {
        let shown = if bytes > LARGE { SHOWN_OF_LARGE } else { SHOWN };
        Self { list: Vec::new(), shown, more: 0 }
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < self.shown {
            self.list.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// `Ok` when there was none; else all of them, in the order of the file.
    pub fn finish(mut self) -> Result<()> {
        self.list.sort_by_key(|diagnostic| diagnostic.place().map_or(0, |place| place.span.start));
        if self.more > 0 {
            let message = format!(
                "{} in this file {} not shown",
                many(self.more, "more mistake"),
                if self.more == 1 { "is" } else { "are" }
            );
            self.list.push(
                Diagnostic::error("too-many-mistakes", message)
                    .help("correct the ones above, then run the command again"),
            );
        }
        Diagnostics::check(self.list)
    }
}
