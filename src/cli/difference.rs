//! The difference of two texts, as `diff -u` shows it.

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// A line of both texts, of the old one, or of the new one.
enum Line<'a> {
    Both(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// The difference; empty when there is none. Most of the old lines are in the new text, in their order.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let lines = lines(old, new);
    let is_near = |index: usize| {
        let from = index.saturating_sub(AROUND);
        let near = lines.get(from..(index + AROUND + 1).min(lines.len())).unwrap_or_default();
        near.iter().any(|line| !matches!(line, Line::Both(_)))
    };
    let mut text = String::new();
    let (mut old_line, mut new_line) = (1, 1);
    let mut hunk: Option<Hunk> = None;
    for (index, line) in lines.iter().enumerate() {
        if is_near(index) {
            let hunk = hunk.get_or_insert(Hunk::at(old_line, new_line));
            hunk.push(line);
        } else if let Some(hunk) = hunk.take() {
            text.push_str(&hunk.text());
        }
        old_line += usize::from(!matches!(line, Line::New(_)));
        new_line += usize::from(!matches!(line, Line::Old(_)));
    }
    text.extend(hunk.map(|hunk| hunk.text()));
    if text.is_empty() { text } else { format!("--- {name}\n+++ {name}\n{text}") }
}

/// Changes with what is around them.
struct Hunk {
    start: (usize, usize),
    count: (usize, usize),
    lines: String,
}

impl Hunk {
    fn at(old: usize, new: usize) -> Self {
        Self { start: (old, new), count: (0, 0), lines: String::new() }
    }

    fn push(&mut self, line: &Line<'_>) {
        let (sign, text) = match line {
            Line::Both(text) => (' ', text),
            Line::Old(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        self.count.0 += usize::from(sign != '+');
        self.count.1 += usize::from(sign != '-');
        self.lines.push_str(&format!("{sign}{}\n", super::output::printable(text)));
    }

    fn text(&self) -> String {
        // `diff` calls the place of no lines the line before it.
        let at = |start: usize, count: usize| match count {
            0 => format!("{},0", start - 1),
            1 => start.to_string(),
            _ => format!("{start},{count}"),
        };
        let (old, new) = (at(self.start.0, self.count.0), at(self.start.1, self.count.1));
        format!("@@ -{old} +{new} @@\n{}", self.lines)
    }
}

fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let new: Vec<&str> = new.lines().collect();
    let mut rest = new.as_slice();
    for line in old.lines() {
        let Some(at) = rest.iter().position(|one| *one == line) else {
            lines.push(Line::Old(line));
            continue;
        };
        let (before, from) = rest.split_at(at);
        lines.extend(before.iter().map(|line| Line::New(line)));
        lines.push(Line::Both(line));
        rest = from.get(1..).unwrap_or_default();
    }
    lines.extend(rest.iter().map(|line| Line::New(line)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_shown_with_what_is_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "0\n1\n2\n3\n4\n5\n6\n7\n8\n8.5\n9\n";
        assert_eq!(
            unified("f", old, new),
            "--- f\n+++ f\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -6,4 +7,5 @@\n 6\n 7\n 8\n+8.5\n 9\n"
        );
        assert_eq!(unified("f", "", "a\n"), "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("f", "a\nb\n", "a\nc\n"), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert_eq!(unified("f", old, old), "");
    }
}
