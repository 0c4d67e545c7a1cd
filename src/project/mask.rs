//! Keeps secrets written into the project file out of every message, under whatever key they stand.

mod keys;
mod sections;
mod shapes;

use std::ops::Range;

use super::file;

/// The text with each secret replaced by as many `*` as it has bytes, so that places still fit.
///
/// A secret is the password of a URL, the value of a key that says so or that there is not, and what has the shape of a token.
/// What is read from the environment (`${NAME}`) is not in the text and stays as written.
pub(super) fn secrets(text: &str) -> String {
    let (of_file, of_target) = file::keys();
    let mut spans = known_by_themselves(text);
    spans.extend(sections::spans(text, &sections::Keys { file: &of_file, target: &of_target }));
    hide(text, spans, |_| false)
}

fn known_by_themselves(text: &str) -> Vec<Range<usize>> {
    let mut spans = shapes::spans(text);
    spans.extend(keys::spans(text));
    spans
}

/// As [`secrets`], for a sentence that may hold values of a project file.
pub(crate) fn in_message(text: &str) -> String {
    let mut spans = shapes::spans(text);
    spans.extend(keys::assigned(text));
    // Blanks of a sentence, such as `password=…`.
    hide(text, spans, |secret| secret.starts_with(['…', '<', '`']))
}

fn hide(text: &str, spans: Vec<Range<usize>>, is_blank: impl Fn(&str) -> bool) -> String {
    if spans.is_empty() {
        return text.to_owned();
    }
    let mut masked = text.as_bytes().to_vec();
    for span in spans {
        let secret = text.get(span.clone()).unwrap_or_default();
        let is_variable = secret.starts_with("${") && secret.find('}') == Some(secret.len() - 1);
        let is_shown = is_variable || is_blank(secret);
        if let Some(bytes) = masked.get_mut(span).filter(|_| !is_shown) {
            for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
                *byte = b'*';
            }
        }
    }
    // Only whole characters were replaced.
    String::from_utf8(masked).unwrap_or_default()
}

/// From a byte on, up to where one of the characters is, or the end.
fn until(text: &str, from: usize, end: impl Fn(char) -> bool) -> Range<usize> {
    let rest = text.get(from..).unwrap_or_default();
    from..from + rest.find(end).unwrap_or(rest.len())
}

fn is_line_end(char: char) -> bool {
    matches!(char, '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_and_places_still_fit() {
        for (text, masked) in [
            ("url: postgres://me:s3cret@host/db", "url: postgres://me:******@host/db"),
            ("url: 'postgres://me:a@b/é@host/db' # x", "url: 'postgres://me:******@host/db' # x"),
            ("url: 'postgres://me:a b@host/db'", "url: 'postgres://me:***@host/db'"),
            (
                "url: postgres://host/db?user=a&password=s3cret&b=c",
                "url: postgres://host/db?user=a&password=******&b=c",
            ),
            ("url: postgres://me:${PASSWORD}@host/db", "url: postgres://me:${PASSWORD}@host/db"),
            ("{ password: s3 cret, url: x }", "{ password: *******, url: x }"),
            ("password: a,b#c # d", "password: ***** # d"),
            ("PGPASSWORD: \"a # b\" # c", "PGPASSWORD: \"*****\" # c"),
            ("connection: Host=h;Password=a b;Db=c", "connection: Host=h;Password=***;Db=c"),
            ("dsn: host=h pwd=abc user=c", "dsn: host=h pwd=*** user=c"),
            ("secret: |\n  one\n  two\nx: y", "secret: |\n  ***\n  ***\nx: y"),
            ("password:\n  one\nx: y", "password:\n  ***\nx: y"),
            ("password: varchar", "password: varchar"),
            ("token: { type: varchar }", "token: { type: varchar }"),
            ("token:\n  type: varchar", "token:\n  type: varchar"),
            ("url: ${DATABASE_URL}", "url: ${DATABASE_URL}"),
            ("see https://example.com/a:b and c@d", "see https://example.com/a:b and c@d"),
            ("traits: # a token is a word", "traits: # a token is a word"),
            (
                "Order Completed: { description: 'pass: the ball' }",
                "Order Completed: { description: 'pass: ********' }",
            ),
        ] {
            assert_eq!(hide(text, known_by_themselves(text), |_| false), masked);
            assert_eq!(secrets(text).len(), text.len());
        }
    }

    #[test]
    fn values_of_unknown_keys_are_masked() {
        for (text, masked) in [
            ("kennwort: a b # c\nspace: d", "kennwort: *** # *\nspace: d"),
            ("spcae: acme", "spcae: acme"),
            (
                "targets: { a: { engine: x, key: \"b\" } }",
                "targets: { a: { engine: x, key: \"*\" } }",
            ),
            (
                "targets:\n  a:\n    path: a.db?key=b c\n",
                "targets:\n  a:\n    path: a.db?*******\n",
            ),
            (
                "targets:\n  a:\n    auth: [b,\n     c]\n    url: d",
                "targets:\n  a:\n    auth: ***\n*******\n    url: d",
            ),
            ("targets:\n  a:\n    auth: !x &y b", "targets:\n  a:\n    auth: *******"),
            ("targets:\n  a:\n    auth: |\n      b\n", "targets:\n  a:\n    auth: *\n*******\n"),
            ("targets:\n  a: b", "targets:\n  a: *"),
            ("targets: b", "targets: *"),
            ("targets:\n  a: { auth: \"b\n    url: c\n", "targets:\n  a: **********\n    url: c\n"),
            (
                "{ space: a, targets: { a: { auth: b } } }",
                "{ space: a, targets: { a: { auth: * } } }",
            ),
            (
                " space: a\n targets:\n  a:\n   auth: b\n",
                " space: a\n targets:\n  a:\n   auth: *\n",
            ),
            ("---\ntargets:\n  a:\n   auth: ${B}\n", "---\ntargets:\n  a:\n   auth: ${B}\n"),
        ] {
            assert_eq!(secrets(text), masked);
        }
    }

    #[test]
    fn a_sentence_about_passwords_stays_as_it_is() {
        for text in [
            "set it: export PGPASSWORD=…",
            "the key `password` is unknown; say `url: \"${DATABASE_URL}\"`",
            "the token is missing",
        ] {
            assert_eq!(in_message(text), text);
        }
        assert_eq!(in_message("no engine `x://a:b@c`"), "no engine `x://a:*@c`");
    }
}
