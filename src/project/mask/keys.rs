//! The values of keys that say that they are secret.

use std::ops::Range;

use super::{is_line_end, until};

/// What a key holds whose value is secret, in lower case.
const PARTS: [&str; 14] = [
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "private_key",
    "privatekey",
    "credential",
    "authorization",
];

/// Keys that are secret as a whole word.
const WORDS: [&str; 4] = ["pass", "pw", "psw", "sig"];

/// The types of a column: a trait may be called `token`.
const TYPES: [&str; 5] = ["varchar", "timestamp", "integer", "float", "boolean"];

/// The values behind `key: `, `key=` and `--key `.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = assigned(text);
    for key in secret_keys(text) {
        // The quote that ends the key.
        let end = key.end + usize::from(text[key.end..].starts_with(['"', '\'']));
        let colon = end + text[end..].len() - text[end..].trim_start_matches(' ').len();
        if !text[colon..].starts_with(':') {
            if text[..key.start].ends_with("--") && text[end..].starts_with(' ') {
                spans.push(until(text, end + 1, |char| {
                    char.is_whitespace() || "\"'".contains(char)
                }));
            }
            continue;
        }
        if text[colon + 1..].starts_with([' ', '\t', '\n', '\r'])
            || colon + 1 == text.len()
            || end > key.end
        {
            spans.extend(of_mapping(text, &key, colon + 1));
        } else {
            // No key of YAML's, but somebody's.
            spans.push(until(text, colon + 1, |char| {
                char.is_whitespace() || "\"',;&}".contains(char)
            }));
        }
    }
    spans
}

/// The values behind `key=` alone.
pub(super) fn assigned(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for key in secret_keys(text) {
        let blanks = text[key.end..].len() - text[key.end..].trim_start_matches(' ').len();
        let sign = key.end + blanks;
        if !text[sign..].starts_with('=') {
            continue;
        }
        let from =
            sign + 1 + text[sign + 1..].len() - text[sign + 1..].trim_start_matches(' ').len();
        let line = until(text, from, is_line_end);
        spans.push(match text[from..].chars().next() {
            Some(quote @ ('"' | '\'')) => {
                until(text, from + 1, |char| char == quote || is_line_end(char))
            }
            // `Host=…;Password=…;`: blanks belong to values.
            _ if text[line.clone()].contains(';')
                || text[..key.start].trim_end().ends_with(';') =>
            {
                until(text, from, |char| is_line_end(char) || ";\"'`".contains(char))
            }
            _ => until(text, from, |char| char.is_whitespace() || "&\"'`,".contains(char)),
        });
    }
    spans
}

/// The value of a key of YAML's: on its line, or below it.
fn of_mapping(text: &str, key: &Range<usize>, from: usize) -> Vec<Range<usize>> {
    let line = until(text, from, is_line_end);
    let begin = line.start + text[line.clone()].len() - text[line.clone()].trim_start().len();
    let value = &text[begin..line.end];
    let line_start = text[..key.start].rfind(is_line_end).map_or(0, |at| at + 1);
    let is_in_flow = text[line_start..key.start].contains(['{', '[']);
    match value.chars().next() {
        Some('{') => Vec::new(),
        Some('[') => vec![until(text, begin + 1, |char| char == ']')],
        Some(quote @ ('"' | '\'')) => vec![quoted(text, begin + 1, quote)],
        Some('|' | '>' | '#') | None => below(text, line_start, line.end, value),
        _ => {
            let end = match is_in_flow {
                true => value.find([',', '}', ']']),
                false => value.find(" #"),
            };
            // A text in quotes around both ends with its quote.
            let around =
                text[line_start..key.start].chars().rev().find(|char| "\"'".contains(*char));
            let opened =
                around.filter(|quote| text[line_start..key.start].matches(*quote).count() % 2 == 1);
            let inner = opened.and_then(|quote| value.find(quote));
            let end = [end, inner].into_iter().flatten().min().unwrap_or(value.len());
            let secret = value[..end].trim_end();
            let is_type = TYPES.contains(&secret);
            let secret = begin..begin + secret.len();
            if is_type { Vec::new() } else { Vec::from([secret]) }
        }
    }
}

/// To the end of a quoted text, which may have a quote in it.
fn quoted(text: &str, from: usize, quote: char) -> Range<usize> {
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' && quote == '"'
            || char == '\'' && quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'')
        {
            chars.next();
        } else if char == quote {
            return from..from + at;
        }
    }
    from..text.len()
}

/// The lines below a key that belong to it, unless they are keys of their own.
fn below(text: &str, line_start: usize, from: usize, value: &str) -> Vec<Range<usize>> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let own = indent(&text[line_start..]);
    let is_block = value.starts_with(['|', '>']);
    let mut spans = Vec::new();
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        let (start, content) = (at, line.trim_end());
        at += line.len();
        if content.trim().is_empty() {
            continue;
        }
        let begins = start + indent(content);
        let inner = &content[indent(content)..];
        if indent(content) <= own || (!is_block && is_key(inner)) {
            break;
        }
        spans.push(begins..begins + inner.len());
    }
    spans
}

fn is_key(line: &str) -> bool {
    line.contains(": ") || line.ends_with(':') || line.starts_with(['{', '#'])
}

/// Where keys stand whose values are secret.
fn secret_keys(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let is_name = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
    let mut keys: Vec<Range<usize>> = Vec::new();
    let mut found: Vec<usize> = Vec::new();
    for part in PARTS {
        found.extend(lower.match_indices(part).map(|(at, _)| at));
    }
    for word in WORDS {
        let is_whole = |at: usize| {
            !lower[..at].ends_with(is_name) && !lower[at + word.len()..].starts_with(is_name)
        };
        found.extend(lower.match_indices(word).map(|(at, _)| at).filter(|at| is_whole(*at)));
    }
    found.sort_unstable();
    for at in found {
        if keys.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let start = lower[..at]
            .rfind(|char| !is_name(char))
            .map_or(0, |before| before + lower[before..].chars().next().map_or(1, char::len_utf8));
        // The dashes of an option are not its name's.
        let start = start + lower[start..].len() - lower[start..].trim_start_matches('-').len();
        keys.push(start.min(at)..until(&lower, at, |char| !is_name(char)).end);
    }
    keys
}
