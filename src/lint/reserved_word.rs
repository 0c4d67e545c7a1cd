//! Names that are reserved words, or one slip away from one.

use std::collections::HashMap;

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
    let words = Words::of(subject.dialects);
    let columns = columns(subject.project).filter_map(|named| {
        let (name, place) = (named.column.name.as_str(), &named.column.place);
        words.finding(rule, name, place, || named.what())
    });
    let tables = subject.project.events.iter().filter_map(|event| {
        let what = || format!("the event `{}`", event.name);
        words.finding(rule, &event.table, &event.place, what)
    });
    columns.chain(tables).collect()
}

/// The reserved words of dialects, for who looks many names up.
struct Words<'a> {
    dialects: &'a [Dialect],
    /// All of them, a dialect after the other.
    all: Vec<&'a str>,
    /// Where each is among them first.
    at: HashMap<&'a str, usize>,
    /// Where those are that look so without `_`.
    bare: HashMap<String, Vec<usize>>,
}

impl<'a> Words<'a> {
    fn of(dialects: &'a [Dialect]) -> Self {
        let all: Vec<&str> = dialects.iter().flat_map(words).collect();
        let (mut at, mut without) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
        for (index, word) in all.iter().copied().enumerate() {
            at.entry(word).or_insert(index);
            without.entry(bare(word)).or_default().push(index);
        }
        Self { dialects, all, at, bare: without }
    }

    fn finding(
        &self,
        rule: &Rule,
        name: &str,
        place: &Place,
        what: impl Fn() -> String,
    ) -> Option<Diagnostic> {
        let alike = self.bare.get(&bare(name)).map(Vec::as_slice).unwrap_or_default();
        let word = |at: &usize| self.all.get(*at).copied();
        let is_reserved = |word: &str| word.eq_ignore_ascii_case(name);
        if alike.iter().filter_map(word).any(is_reserved) {
            return self.exact(rule, name, place, &what());
        }
        if name.len() < SHORTEST {
            return None;
        }
        // What they look like without `_`, or with two letters in each other's place.
        let swapped = swaps(name).filter_map(|swapped| self.at.get(swapped.as_str()).copied());
        let near = alike.iter().copied().chain(swapped).min();
        near.as_ref().and_then(word).map(|word| near_to(rule, word, place, &what()))
    }

    fn exact(&self, rule: &Rule, name: &str, place: &Place, what: &str) -> Option<Diagnostic> {
        let has = |dialect: &&Dialect| words(dialect).any(|word| word.eq_ignore_ascii_case(name));
        let first = self.dialects.iter().find(has)?;
        let titles: Vec<&str> =
            self.dialects.iter().filter(has).map(|dialect| dialect.facts.title.as_str()).collect();
        Some(
            rule.finding(format!("{what} has the name of a reserved word"))
                .at(place, format!("reserved by {}", titles.join(", ")))
                .note("idgraph quotes it; whoever writes a query by hand has to, and sees an error until then")
                .note(format!("quoted, it is {}", first.identifier(name)))
                .help("send it under another name; what landed already stays in the old column"),
        )
    }
}

fn near_to(rule: &Rule, word: &str, place: &Place, what: &str) -> Diagnostic {
    rule.finding(format!("{what} is one slip away from the reserved word `{word}`"))
        .at(place, format!("is `{word}` meant?"))
        .note("in a query one is easily written for the other, and then means something else")
        .help("correct it where it is sent, or send it under a name that is not taken for the word")
}

fn words(dialect: &Dialect) -> impl Iterator<Item = &str> {
    dialect.facts.identifiers.reserved.iter().map(String::as_str)
}

fn bare(text: &str) -> String {
    text.replace('_', "").to_lowercase()
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
    use crate::dialect::Library;

    #[test]
    fn slips_are_told_from_other_words() {
        let postgres = Dialect::load(&Library::embedded(), "postgres").unwrap();
        let dialects = [postgres];
        let words = Words::of(&dialects);
        let place = Place { source: crate::diagnostic::Source::new("x", ""), span: 0..0 };
        let found = |name: &str| words.finding(&RULE, name, &place, || name.to_owned());
        for (name, word) in
            [("gruop", "group"), ("currentdate", "current_date"), ("tabel", "table")]
        {
            let found = found(name).unwrap();
            assert!(found.message().ends_with(&format!("the reserved word `{word}`")), "{name}");
        }
        for name in ["orders", "older", "form", "prop_1"] {
            assert!(found(name).is_none(), "{name}");
        }
        assert!(found("group").unwrap().message().ends_with("has the name of a reserved word"));
    }
}
