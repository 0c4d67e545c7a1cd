//! Text that no warehouse, message or file takes as it is.

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::mask;
use crate::visible;

/// The longest name or description kept, in bytes: what the widest warehouse allows for a comment.
const LONGEST: usize = 1024;

impl Check<'_> {
    /// As [`Check::sound`], and reports a secret: names and descriptions go into SQL, pages and messages.
    pub(super) fn printable(&mut self, what: &str, text: &str, lines: bool, place: &Place) -> bool {
        let is_sound = self.sound(what, text, lines, place);
        if is_sound && mask::in_message(text) != text {
            self.found.push(
                Diagnostic::error("secret", format!("{what} holds what looks like a secret"))
                    .at(place, "")
                    .note("it would stand in rendered SQL, in comments of the database and in messages")
                    .help("take it out, and give it another value where it was valid; a target's `url` reads `${NAME}` from the environment"),
            );
            return false;
        }
        is_sound
    }

    /// Reports a text that is too long or holds characters that steer what shows it, save line breaks and tabs where `lines` allows.
    pub(super) fn sound(&mut self, what: &str, text: &str, lines: bool, place: &Place) -> bool {
        let is_allowed = |char: char| lines && matches!(char, '\n' | '\t');
        let control = text.chars().find(|char| visible::steers(*char) && !is_allowed(*char));
        if let Some(control) = control {
            let message =
                format!("{what} holds the control character U+{:04X}", u32::from(control));
            let note = match visible::turns(control) {
                true => "it turns the direction of text, so that SQL reads otherwise than it runs",
                false => "databases refuse such characters, or change them",
            };
            self.found.push(
                Diagnostic::error("control-character", message)
                    .at(place, "")
                    .note(note)
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
