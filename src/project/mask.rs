//! Keeps secrets written into the project file out of every message that shows a line of it.

/// The text with each password in a URL replaced by as many `*` as it has bytes, so that places still fit.
///
/// Passwords read from the environment (`${NAME}`) are not in the text and stay as written.
pub(super) fn secrets(text: &str) -> String {
    let mut masked = text.as_bytes().to_vec();
    // Each part of the text is looked at once, however often a mark repeats in it.
    let mut done = 0;
    for (at, _) in text.match_indices("://") {
        let from = at + 3;
        if from < done {
            continue;
        }
        let url = until(text, from, |c| c.is_whitespace() || c == '"' || c == '\'');
        done = from + url.len();
        if let Some((user, _)) = url.rsplit_once('@')
            && let Some((name, password)) = user.split_once(':')
        {
            hide(&mut masked, from + name.len() + 1, password);
        }
    }
    done = 0;
    for (at, key) in text.match_indices("password") {
        let from = at + key.len();
        if from < done {
            continue;
        }
        let rest = text.get(from..).unwrap_or_default();
        // In a URL's query, or a key that somebody tries.
        let (from, secret) = if rest.starts_with('=') {
            (from + 1, until(text, from + 1, |c| c.is_whitespace() || "&\"'".contains(c)))
        } else if rest.starts_with(": ") {
            (from + 2, until(text, from + 2, |c| "\r\n,}#".contains(c)).trim_end())
        } else {
            continue;
        };
        done = from + secret.len();
        // A trait of that name has a type, not a secret.
        if !secret.starts_with("varchar") && !secret.starts_with('{') {
            hide(&mut masked, from, secret);
        }
    }
    // Only whole characters were replaced.
    String::from_utf8(masked).unwrap_or_default()
}

fn until(text: &str, from: usize, end: impl Fn(char) -> bool) -> &str {
    let rest = text.get(from..).unwrap_or_default();
    rest.split(end).next().unwrap_or(rest)
}

fn hide(masked: &mut [u8], from: usize, secret: &str) {
    let variable = secret.starts_with("${") && secret.find('}') == Some(secret.len() - 1);
    if !variable && let Some(bytes) = masked.get_mut(from..from + secret.len()) {
        bytes.fill(b'*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_and_places_still_fit() {
        for (text, masked) in [
            ("url: postgres://me:s3cret@host/db", "url: postgres://me:******@host/db"),
            ("url: 'postgres://me:a@b/é@host/db' # x", "url: 'postgres://me:******@host/db' # x"),
            (
                "url: postgres://host/db?user=a&password=s3cret&b=c",
                "url: postgres://host/db?user=a&password=******&b=c",
            ),
            ("url: postgres://me:${PASSWORD}@host/db", "url: postgres://me:${PASSWORD}@host/db"),
            ("{ password: s3 cret, url: x }", "{ password: *******, url: x }"),
            ("password: varchar", "password: varchar"),
            ("url: ${DATABASE_URL}", "url: ${DATABASE_URL}"),
            ("see https://example.com/a:b and c@d", "see https://example.com/a:b and c@d"),
        ] {
            assert_eq!(secrets(text), masked);
            assert_eq!(secrets(text).len(), text.len());
        }
    }
}
