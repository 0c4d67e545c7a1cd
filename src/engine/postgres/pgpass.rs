//! Passwords kept in a password file, as psql and libpq keep them.

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::files;

/// What a line of the file must fit to give its password.
pub(super) struct Wanted<'a> {
    /// A host name or address, or a socket's folder.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password for a connection. A file that is not there holds none; one that others could read,
/// or that cannot be read at all, is passed over with a warning.
pub(super) fn look_up(
    (path, shown): &(PathBuf, String),
    wanted: &Wanted<'_>,
    warnings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    let mut ignore = |why: &str, help: String| {
        let message = format!("the password file {shown} is ignored: {why}");
        let warning = Diagnostic::warning("password-file-ignored", message).help(help);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    if !metadata.is_file() {
        ignore("it is not a plain file", "name a file, or unset PGPASSFILE".to_owned());
        return None;
    }
    if readable_by_others(&metadata) {
        let help = format!("run `chmod 600 {shown}`");
        ignore("its group or others may read it", help);
        return None;
    }
    match files::bytes(path) {
        // Lines that are not UTF-8 cannot fit; they must not spoil the others.
        Ok(bytes) => find(&String::from_utf8_lossy(&bytes), wanted),
        Err(error) => {
            ignore(&error.to_string(), "make it readable for yourself".to_owned());
            None
        }
    }
}

#[cfg(unix)]
fn readable_by_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::Metadata) -> bool {
    false
}

/// The first line that fits wins.
fn find(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    // libpq writes `localhost` for a server behind the default socket.
    let host = match wanted.host {
        "/var/run/postgresql" | "/run/postgresql" | "/tmp" => "localhost",
        other => other,
    };
    let port = wanted.port.to_string();
    let keys = [host, &port, wanted.database, wanted.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for key in keys {
            let (pattern, after) = field(rest)?;
            // Only a bare `*` stands for anything: `\*` is a name.
            let written = &rest[..rest.len() - after.len()];
            if written != "*:" && pattern != key {
                return None;
            }
            rest = after;
        }
        let password = field(rest).map_or_else(|| unescape(rest), |(password, _)| password);
        (!password.is_empty()).then_some(password)
    })
}

/// The text up to the next bare colon, escapes undone, and what follows the colon.
fn field(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.char_indices().find_map(|(index, character)| {
        let ends = character == ':' && !escaped;
        escaped = character == '\\' && !escaped;
        ends.then_some(index)
    })?;
    Some((unescape(&text[..end]), &text[end + 1..]))
}

fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# localhost:5432:acme:ana:commented out
bad line
localhost:5432:acme
localhost:5432:acme:ana:first
localhost:5432:acme:ana:second
10.0.0.1:*:*:bob:a\\:b\\\\c:rest
\\*:*:*:*:star
::1:*:*:*:unescaped
\\:\\:1:*:*:*:v6
/srv/pg:*:*:*:socket
*:*:*:carol:
*:*:*:carol:päss wörd
";

    fn password(host: &str, user: &str) -> Option<String> {
        find(FILE, &Wanted { host, port: 5432, database: "acme", user })
    }

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        for (host, user, expected) in [
            ("localhost", "ana", Some("first")),
            ("/tmp", "ana", Some("first")),
            ("10.0.0.1", "bob", Some("a:b\\c")),
            ("*", "x", Some("star")),
            ("::1", "x", Some("v6")),
            ("/srv/pg", "x", Some("socket")),
            ("elsewhere", "carol", Some("päss wörd")),
            ("elsewhere", "ana", None),
        ] {
            assert_eq!(password(host, user).as_deref(), expected, "{user} at {host}");
        }
    }
}
