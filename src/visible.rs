//! Characters that steer what shows them, written out.

use std::borrow::Cow;

/// Whether a character is not seen itself but changes what is: a control character, a line or paragraph separator, or
/// one that turns the direction of text, so that it reads otherwise than it runs.
pub(crate) fn steers(char: char) -> bool {
    char.is_control() || turns(char) || matches!(char, '\u{2028}' | '\u{2029}')
}

/// Whether a character turns the direction of text.
pub(crate) fn turns(char: char) -> bool {
    matches!(char, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A text of one line as it may be shown: a value must not steer the terminal, break a line or turn its direction.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, steers)
}

/// A text of several lines as it may be shown.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |char| steers(char) && !matches!(char, '\n' | '\t'))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if is_escaped(char) {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    Cow::Owned(shown)
}
