//! Two names that are taken for each other.

use std::collections::HashMap;

use super::reserved_word::swaps;
use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Place, Severity};

pub(super) const RULE: Rule = Rule {
    slug: "close-names",
    severity: Severity::Warning,
    about: "two names that differ by one slip of the pen",
    find,
};

/// Shorter names are one slip away from too many others.
const SHORTEST: usize = 5;

type Name<'a> = (&'a str, &'a Place);

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let project = subject.project;
    let traits = project.traits.iter().map(|column| (column.name.as_str(), &column.place));
    let mut found = among(rule, "traits", traits.collect());
    let context = project.context.iter().map(|column| (column.name.as_str(), &column.place));
    found.extend(among(rule, "context fields", context.collect()));
    let events = project.events.iter().map(|event| (event.table.as_str(), &event.place));
    found.extend(among(rule, "events", events.collect()));
    for event in &project.events {
        let names = event.properties.iter().map(|column| (column.name.as_str(), &column.place));
        found.extend(among(rule, &format!("properties of `{}`", event.name), names.collect()));
    }
    found
}

/// Time grows with the length of the names, not with their pairs.
fn among(rule: &Rule, what: &str, names: Vec<Name<'_>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut whole: HashMap<String, Name<'_>> = HashMap::new();
    let mut slipped: HashMap<String, Name<'_>> = HashMap::new();
    for (name, place) in names {
        let slips = slips(name);
        let other = slips.iter().find_map(|slip| whole.get(slip));
        let other = other.or_else(|| slipped.get(name)).or_else(|| whole.get(&bare(name)));
        if let Some((other, first)) = other {
            found.push(
                rule.finding(format!(
                    "the {what} `{other}` and `{name}` are easily taken for each other"
                ))
                .at(place, "this")
                .and_at(first, "and this")
                .note("when both are sent by mistake, each column holds a part of the values")
                .help("send one name only, or allow it when they are two things"),
            );
        }
        for slip in slips {
            slipped.entry(slip).or_insert((name, place));
        }
        for form in [name.to_owned(), bare(name)] {
            whole.entry(form).or_insert((name, place));
        }
    }
    found
}

fn bare(name: &str) -> String {
    name.replace('_', "")
}

/// What a name becomes by a slip: two letters in each other's place, or one left out. A digit left out is no slip.
fn slips(name: &str) -> Vec<String> {
    if name.len() < SHORTEST {
        return Vec::new();
    }
    let without =
        name.char_indices().filter(|(_, char)| char.is_ascii_alphabetic()).map(|(at, char)| {
            let (before, behind) = (name.get(..at), name.get(at + char.len_utf8()..));
            format!("{}{}", before.unwrap_or_default(), behind.unwrap_or_default())
        });
    swaps(name).chain(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn slips_are_told_from_other_names() {
        let place = Place { source: Source::new("x", ""), span: 0..0 };
        let close =
            |one, other| !among(&RULE, "names", vec![(one, &place), (other, &place)]).is_empty();
        for (one, other) in [
            ("email", "emial"),
            ("firstname", "first_name"),
            ("adress", "address"),
            ("emails", "email"),
        ] {
            assert!(close(one, other) && close(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("line1", "line2"),
            ("line", "line1"),
            ("width", "height"),
            ("min_price", "max_price"),
            ("color", "colon"),
        ] {
            assert!(!close(one, other) && !close(other, one), "{one} {other}");
        }
    }
}
