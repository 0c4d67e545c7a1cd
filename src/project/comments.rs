//! The comments of the project file. YAML's data has none, so they are found in the text.

use std::sync::Arc;

use super::places::{self, Parts, Spanned};
use crate::diagnostic::{Place, Source};

/// A comment of the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What follows the `#`, without blanks around it.
    pub text: String,
    /// From the `#` to the line's end.
    pub place: Place,
    /// Whether nothing but blanks stands before it on its line.
    pub alone: bool,
}

/// All comments of a file that can be read.
pub(super) fn of(source: &Arc<Source>) -> Vec<Comment> {
    let mut values = Vec::new();
    if let Some(root) = places::of(&source.text) {
        scalars(&root, &mut values);
    }
    let mut comments = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        let begins = text.match_indices('#').map(|(at, _)| at).find(|at| {
            let before = text.get(..*at).unwrap_or_default();
            // Values stand in the order of the text.
            let next = values.partition_point(|span| span.start <= start + at);
            let last = next.checked_sub(1).and_then(|last| values.get(last));
            (before.is_empty() || before.ends_with([' ', '\t']))
                && !last.is_some_and(|span| span.contains(&(start + at)))
        });
        if let Some(at) = begins {
            let span = start + at..start + text.len();
            comments.push(Comment {
                text: text.get(at + 1..).unwrap_or_default().trim().to_owned(),
                alone: text.get(..at).is_some_and(|before| before.trim().is_empty()),
                place: Place { source: Arc::clone(source), span },
            });
        }
        start += line.len();
    }
    comments
}

/// Where values without parts stand: a `#` there is part of the value.
fn scalars(value: &Spanned, found: &mut Vec<std::ops::Range<usize>>) {
    match &value.parts {
        Parts::None => found.push(value.span.clone()),
        Parts::List(items) => items.iter().for_each(|item| scalars(item, found)),
        Parts::Map(entries) => {
            for (key, value) in entries {
                scalars(key, found);
                scalars(value, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_values() {
        let text = "# one\nspace: a#b # two\ndialects: [\"x # no\"]  # three\n  # four\n";
        let found = of(&Source::new("idgraph.yml", text));
        let shown: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.alone)).collect();
        assert_eq!(shown, [("one", true), ("two", false), ("three", false), ("four", true)]);
    }
}
