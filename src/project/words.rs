//! Names and numbers inside messages.

/// A name in backquotes, invisible characters made visible, cut when it is long.
pub(crate) fn quoted(name: &str) -> String {
    // A secret is hidden before half of it is cut off.
    let name = super::mask::in_message(name);
    let shown: String = name.chars().take(60).collect();
    let mut shown = crate::visible::line(&shown).into_owned();
    if name.chars().nth(60).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Names in backquotes, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A count with its thousands apart: `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 row`, `2 rows`, `3 entries`.
pub(crate) fn many(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", count(number)),
        (_, None) => format!("{} {noun}s", count(number)),
    }
}

/// Whether a name stands in a text as a whole word; the text is in lower case.
pub(crate) fn has_word(text: &str, name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let name = name.to_lowercase();
    text.match_indices(&name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        assert_eq!(many(1, "row"), "1 row");
        assert_eq!(many(0, "row"), "0 rows");
        assert_eq!(many(1234, "entry"), "1,234 entries");
    }

    #[test]
    fn names_are_shown_short_and_visible() {
        assert_eq!(quoted("plan"), "`plan`");
        assert_eq!(quoted("a\u{1b}[31m\0"), "`a\\u{1b}[31m\\u{0}`");
        assert_eq!(quoted(&"é".repeat(100)), format!("`{}…`", "é".repeat(60)));
    }
}
