//! Text that no warehouse, message or file takes as it is.

use super::Check;
use crate::diagnostic::{Diagnostic, Place};

/// The longest name or description kept, in bytes: what the widest warehouse allows for a comment.
const LONGEST: usize = 1024;

impl Check<'_> {
    /// Reports a text that is too long or holds control characters, save line breaks and tabs where `lines` allows.
    pub(super) fn printable(&mut self, what: &str, text: &str, lines: bool, place: &Place) -> bool {
        let control = text.chars().find(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t')));
        if let Some(control) = control {
            let message =
                format!("{what} holds the control character U+{:04X}", u32::from(control));
            self.found.push(
                Diagnostic::error("control-character", message)
                    .at(place, "")
                    .note("databases refuse such characters, or change them")
                    .help("remove it; in YAML's double quotes `\\` starts an escape"),
            );
            return false;
        }
        if text.len() > LONGEST {
            let message = format!("{what} has {} bytes; the limit is {LONGEST}", text.len());
            self.found.push(
                Diagnostic::error("text-too-long", message)
                    .at(place, "")
                    .help("write a shorter one"),
            );
            return false;
        }
        true
    }
}
