//! Which line of which template a rendered line comes from.
//!
//! Templates are rendered once more with an invisible mark at the end of each of their lines. That happens only when
//! what they rendered is no SQL, to show the place that someone can mend.

use std::sync::Arc;

use crate::diagnostic::Source;

/// Around a mark: characters for private use, which no template and no name has a reason to hold.
const BEGIN: char = '\u{10F0D0}';
const END: char = '\u{10F0D1}';

/// A template's text with a mark at the end of each line that can stand in the result.
pub(super) fn mark(source: &Source) -> String {
    let mut marked = String::with_capacity(source.text.len() * 2);
    // Within an expression that runs over lines, a mark would be part of the expression.
    let mut open = 0_usize;
    for (index, line) in source.text.split_inclusive('\n').enumerate() {
        open += ["{{", "{%", "{#"].iter().map(|mark| line.matches(mark).count()).sum::<usize>();
        let closed: usize = ["}}", "%}", "#}"].iter().map(|mark| line.matches(mark).count()).sum();
        open = open.saturating_sub(closed);
        let text = line.trim_end_matches(['\n', '\r']);
        marked.push_str(text);
        let is_code = !["--%", "--#"].iter().any(|prefix| text.trim_start().starts_with(prefix));
        if is_code && open == 0 {
            marked.push_str(&format!("{BEGIN}{}:{}{END}", index + 1, source.name));
        }
        marked.push_str(&line[text.len()..]);
    }
    marked
}

/// A line without its marks.
pub(super) fn unmarked(line: &str) -> String {
    let mut parts = line.split(BEGIN);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(END).map_or(part, |(_, rest)| rest));
    }
    plain
}

/// A rendered text without marks, and where each of its lines comes from: the template's name and line.
pub(super) fn read(text: &str) -> (String, Vec<Option<(String, usize)>>) {
    let mut plain = String::with_capacity(text.len());
    let mut origins = Vec::new();
    for line in text.split_inclusive('\n') {
        plain.push_str(&unmarked(line));
        // A line made of a whole query and what follows it has two: the query's own comes first.
        let mark = line.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
        origins.push(mark.and_then(|(mark, _)| {
            let (number, name) = mark.split_once(':')?;
            Some((name.to_owned(), number.parse().ok()?))
        }));
    }
    (plain, origins)
}

/// The number of the line that a byte is in, counted from 0.
pub(super) fn line_of(source: &Arc<Source>, byte: usize) -> usize {
    source.text.get(..byte).unwrap_or_default().matches('\n').count()
}
