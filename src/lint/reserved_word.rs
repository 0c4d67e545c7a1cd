//! Names that are reserved words, or one slip away from one.

use super::{Rule, Subject, columns};
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::dialect::Dialect;

pub(super) const RULE: Rule = Rule {
    slug: "reserved-word",
    severity: Severity::Warning,
    about: "a name that is a reserved word, or one slip away from one",
    find,
};

/// Shorter words are one slip away from too many others.
const SHORTEST: usize = 5;

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let columns = columns(subject.project)
        .map(|named| (named.what, named.column.name.as_str(), &named.column.place));
    let tables =
        subject.project.events.iter().map(|event| {
            (format!("the event `{}`", event.name), event.table.as_str(), &event.place)
        });
    columns
        .chain(tables)
        .filter_map(|(what, name, place)| {
            exact(rule, subject.dialects, &what, name, place)
                .or_else(|| near(rule, subject.dialects, &what, name, place))
        })
        .collect()
}

fn exact(
    rule: &Rule,
    dialects: &[Dialect],
    what: &str,
    name: &str,
    place: &Place,
) -> Option<Diagnostic> {
    let has = |dialect: &&Dialect| words(dialect).any(|word| word.eq_ignore_ascii_case(name));
    let first = dialects.iter().find(has)?;
    let titles: Vec<&str> =
        dialects.iter().filter(has).map(|dialect| dialect.facts.title.as_str()).collect();
    Some(
        rule.finding(format!("{what} has the name of a reserved word"))
            .at(place, format!("reserved by {}", titles.join(", ")))
            .note("idgraph quotes it; whoever writes a query by hand has to, and sees an error until then")
            .note(format!("quoted, it is {}", first.identifier(name)))
            .help("send it under another name; what landed already stays in the old column"),
    )
}

fn near(
    rule: &Rule,
    dialects: &[Dialect],
    what: &str,
    name: &str,
    place: &Place,
) -> Option<Diagnostic> {
    let word = dialects.iter().flat_map(words).find(|word| is_slip(name, word))?;
    Some(
        rule.finding(format!("{what} is one slip away from the reserved word `{word}`"))
            .at(place, format!("is `{word}` meant?"))
            .note("in a query one is easily written for the other, and then means something else")
            .help("correct it where it is sent, or send it under a name that is not taken for the word"),
    )
}

fn words(dialect: &Dialect) -> impl Iterator<Item = &str> {
    dialect.facts.identifiers.reserved.iter().map(String::as_str)
}

/// Whether two words are the same but for `_`, or for two letters that changed places.
fn is_slip(name: &str, word: &str) -> bool {
    if name.len() < SHORTEST || name == word {
        return false;
    }
    let bare = |text: &str| text.replace('_', "").to_lowercase();
    bare(name) == bare(word)
        || (name.len() == word.len() && swaps(name).any(|swapped| swapped == word))
}

/// A name with every two neighbouring letters in each other's place. Digits count something and stay.
pub(super) fn swaps(name: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = name.chars().collect();
    (1..chars.len()).filter_map(move |at| {
        let mut swapped = chars.clone();
        let pair = swapped.get_mut(at - 1..=at)?;
        pair.reverse();
        let counts = pair.iter().any(char::is_ascii_digit);
        (!counts && swapped != chars).then(|| swapped.into_iter().collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        for (name, word) in
            [("gruop", "group"), ("currentdate", "current_date"), ("tabel", "table")]
        {
            assert!(is_slip(name, word), "{name}");
        }
        for (name, word) in
            [("orders", "order"), ("older", "order"), ("form", "from"), ("group", "group")]
        {
            assert!(!is_slip(name, word), "{name}");
        }
    }
}
