//! Secrets known by their shape, wherever they stand.

use std::ops::Range;

use super::{is_line_end, until};

/// How tokens begin that services hand out, and how long they are at least.
const TOKENS: [(&str, usize); 14] = [
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 15),
    ("xoxb-", 15),
    ("xoxp-", 15),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("eyJ", 20),
    ("sk-", 20),
    ("dapi", 32),
    ("sgp_", 20),
];

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = in_urls(text);
    spans.extend(without_scheme(text));
    spans.extend(tokens(text));
    spans.extend(private_keys(text));
    spans
}

/// The passwords of URLs; those in JSON may have `\/` for `/`.
fn in_urls(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    // Each part of the text is looked at once, however often a mark repeats in it.
    let mut done = 0;
    for mark in ["://", ":\\/\\/"] {
        for (at, _) in text.match_indices(mark) {
            let from = at + mark.len();
            if from < done {
                continue;
            }
            // A password may hold blanks, as in a quoted text.
            let rest = until(text, from, |char| is_line_end(char) || "\"'`".contains(char));
            let url = text.get(rest.clone()).unwrap_or_default();
            let Some(name) = url.find([':', '@']).filter(|colon| url[*colon..].starts_with(':'))
            else {
                continue;
            };
            let is_host =
                url[..name].contains(|char: char| char.is_whitespace() || "/?#".contains(char));
            if let Some(end) = url.rfind('@').filter(|end| *end > name && !is_host) {
                spans.push(from + name + 1..from + end);
                done = from + end;
            }
        }
        done = 0;
    }
    spans
}

/// `name:password@host`, and the lines of a file of passwords: `host:port:database:user:password`.
fn without_scheme(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let is_end = |char: char| char.is_whitespace() || "\"'`,{}[]()".contains(char);
    let mut from = 0;
    for word in text.split(is_end) {
        let start = from;
        from += word.len();
        // The character behind it.
        from += text.get(from..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        if word.contains("//") || word.contains("\\/") {
            continue;
        }
        if let (Some(colon), Some(at)) = (word.find(':'), word.rfind('@'))
            && colon > 0
            && at > colon + 1
            && at + 1 < word.len()
        {
            spans.push(start + colon + 1..start + at);
        }
        let parts: Vec<&str> = word.splitn(5, ':').collect();
        if let [_, port, _, _, password] = parts.as_slice()
            && (*port == "*" || port.parse::<u16>().is_ok())
            && !password.is_empty()
        {
            spans.push(start + word.len() - password.len()..start + word.len());
        }
    }
    spans
}

fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let is_token = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
    for (begin, least) in TOKENS {
        for (at, _) in text.match_indices(begin) {
            let is_inside =
                text[..at].ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
            let token = until(text, at, |char| !is_token(char));
            if !is_inside && token.len() >= least {
                spans.push(token);
            }
        }
    }
    for word in ["Bearer ", "bearer ", "Basic "] {
        for (at, _) in text.match_indices(word) {
            let token =
                until(text, at + word.len(), |char| char.is_whitespace() || "\"'`,".contains(char));
            if token.len() >= 8
                && text[token.clone()]
                    .contains(|char: char| char.is_ascii_digit() || "=+/._-".contains(char))
            {
                spans.push(token);
            }
        }
    }
    spans
}

/// What stands between the two lines of a private key.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (at, mark) in text.match_indices("PRIVATE KEY-----") {
        let from = at + mark.len();
        if text[..at].rsplit("-----").next().is_some_and(|words| words.starts_with("BEGIN")) {
            let end = text[from..].find("-----END").map_or(text.len(), |end| from + end);
            spans.push(from..end);
        }
    }
    spans
}
