//! How additions are laid out: as the file is.

use super::Addition;

/// The widest that a line gets.
const WIDTH: usize = 120;

/// Words that YAML reads as something else than text.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// How a file is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    /// The end of a line.
    pub line_end: &'static str,
    /// How far a level is indented.
    step: usize,
}

impl Layout {
    /// That of a text.
    pub fn of(text: &str) -> Self {
        let indents = text.lines().filter(|line| !line.trim_start().starts_with(['#', '-']));
        let indents = indents.map(|line| line.len() - line.trim_start_matches(' ').len());
        let step = indents.filter(|indent| *indent > 0).min().unwrap_or(2).clamp(1, 8);
        Self { line_end: if text.contains("\r\n") { "\r\n" } else { "\n" }, step }
    }

    /// The lines of a key with its value.
    pub fn block(&self, lines: &mut Vec<String>, indent: usize, key: &str, value: &Addition) {
        let start = format!("{:indent$}{}:", "", word(key));
        match value {
            Addition::Word(text) => lines.push(format!("{start} {}", word(text))),
            Addition::List(items) => {
                let items: Vec<String> = items.iter().map(|item| word(item)).collect();
                let (first, rest) = match items.split_first() {
                    Some((first, rest)) => (first.as_str(), rest),
                    None => ("", &[][..]),
                };
                let start = format!("{start} [{first}");
                let more = self.more(rest, start.chars().count(), indent);
                let text = format!("{start}{more}]");
                lines.extend(text.split(self.line_end).map(str::to_owned));
            }
            Addition::Map(_) => {
                lines.push(start);
                self.inside(lines, indent, value);
            }
        }
    }

    /// The lines below a key that stands so far in its line.
    pub fn inside(&self, lines: &mut Vec<String>, indent: usize, value: &Addition) {
        match value {
            Addition::Map(entries) => {
                for (key, value) in entries {
                    self.block(lines, indent + self.step, key, value);
                }
            }
            Addition::Word(_) | Addition::List(_) => lines.push(flow(value)),
        }
    }

    /// More items behind one that ends in this column of its line; a new line where one gets too wide.
    pub fn more(&self, items: &[String], mut column: usize, indent: usize) -> String {
        let mut text = String::new();
        for item in items {
            let width = item.chars().count();
            // A bracket or a comma follows.
            if column + 2 + width + 3 > WIDTH {
                let indent = indent + self.step;
                text.push_str(&format!(",{}{:indent$}{item}", self.line_end, ""));
                column = indent + width;
            } else {
                text.push_str(&format!(", {item}"));
                column += 2 + width;
            }
        }
        text
    }
}

/// A key with its value, in brackets.
pub(super) fn flow_entry(key: &str, value: &Addition) -> String {
    format!("{}: {}", word(key), flow(value))
}

/// A value in brackets.
pub(super) fn flow(value: &Addition) -> String {
    match value {
        Addition::Word(text) => word(text),
        Addition::List(items) => {
            let items: Vec<String> = items.iter().map(|item| word(item)).collect();
            format!("[{}]", items.join(", "))
        }
        // What an event says of which nothing is known.
        Addition::Map(entries) if entries.is_empty() => "null".to_owned(),
        Addition::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| flow_entry(key, value)).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A text as YAML: in quotes where it would be read as something else.
pub(super) fn word(text: &str) -> String {
    let is_plain = text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !WORDS.contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
