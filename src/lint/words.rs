//! Names taken apart into words.

/// The words of a name in snake case.
pub(super) fn of(name: &str) -> Vec<&str> {
    name.split('_').filter(|word| !word.is_empty()).collect()
}

/// Whether a name has some words one after the other, `date_of_birth` in `user_date_of_birth`.
pub(super) fn has(words: &[&str], phrase: &str) -> bool {
    let phrase = of(phrase);
    words.windows(phrase.len().max(1)).any(|part| part == phrase)
}

/// Whether a name ends with some words.
pub(super) fn ends(words: &[&str], phrase: &str) -> bool {
    words.ends_with(&of(phrase))
}
