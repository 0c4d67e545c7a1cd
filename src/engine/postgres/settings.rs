//! Connection strings, in both of libpq's forms, read so that no message ever quotes them.
//!
//! The `postgres` crate has a parser, but it knows only some of libpq's parameters and splits a
//! password with a raw `@` so that its tail ends up as the host, which errors then print. Here a
//! text that could be read in two ways is refused, and messages name parameters, never values.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;

/// Parameters that idgraph acts on.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssencmode",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "options",
    "passfile",
    "password",
    "port",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Parameters of libpq that change nothing here: accepted, so that a URL made for psql works.
const WITHOUT_EFFECT: &[&str] = &[
    "client_encoding",
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "load_balance_hosts",
    // Of other drivers: nothing here depends on whether there is a pooler.
    "pgbouncer",
    "sslcompression",
    "sslsni",
];

/// Parameters of libpq that ask for something idgraph cannot do: passing over them would be unsafe.
const UNSUPPORTED: &[&str] = &[
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslpassword",
];

/// Parameters by name, empty ones left out (libpq takes them as not given). It may hold a password,
/// so there is no `Debug`.
pub(super) struct Settings(BTreeMap<&'static str, String>);

/// What is wrong with a connection string, in words that hold none of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    what: String,
    help: String,
}

type Parsed<T> = Result<T, Malformed>;

fn malformed<T>(what: impl Into<String>, help: impl Into<String>) -> Parsed<T> {
    Err(Malformed { what: what.into(), help: help.into() })
}

impl Malformed {
    /// As a message about the target of that name.
    pub(super) fn explain(self, target: &str) -> Diagnostic {
        let message =
            format!("target `{target}`: the connection URL cannot be read: {}", self.what);
        Diagnostic::error("bad-connection-url", message)
            .note("the URL itself is not shown, because it may hold a password")
            .help(self.help)
    }
}

const SHAPE: &str = "write `postgres://user:password@host:5432/database`, \
                     or `host=… port=… user=… dbname=…`";
const ESCAPES: &str = "in a URL, write special characters of user, password and database as \
                       percent escapes: `@` is %40, `:` %3A, `/` %2F, `?` %3F, `#` %23, `%` %25";

impl Settings {
    /// Reads a `postgres://` URL or a list of `key=value`.
    pub(super) fn parse(text: &str) -> Parsed<Self> {
        let text = text.trim();
        if text.contains('\0') {
            return malformed("it holds a NUL character", SHAPE);
        }
        let mut settings = Self(BTreeMap::new());
        let rest = ["postgres://", "postgresql://"].iter().find_map(|p| text.strip_prefix(p));
        match rest {
            Some(rest) => settings.read_url(rest)?,
            None if text.is_empty() => return malformed("it is empty", SHAPE),
            None => settings.read_pairs(text)?,
        }
        Ok(settings)
    }

    /// A parameter's value.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Sets a parameter that was not given.
    pub(super) fn default(&mut self, key: &'static str, value: impl FnOnce() -> Option<String>) {
        if !self.0.contains_key(key)
            && let Some(value) = value().filter(|value| !value.is_empty())
        {
            self.0.insert(key, value);
        }
    }

    fn set(&mut self, key: &str, value: String, position: usize) -> Parsed<()> {
        // JDBC's spelling, which libpq understands too.
        let (key, value) = match (key, value.as_str()) {
            ("ssl", "true") => ("sslmode", "require".to_owned()),
            _ => (key, value),
        };
        if let Some(known) = KNOWN.iter().find(|known| **known == key) {
            if !value.is_empty() {
                self.0.insert(known, value);
            }
            return Ok(());
        }
        if WITHOUT_EFFECT.contains(&key) {
            return Ok(());
        }
        if UNSUPPORTED.contains(&key) {
            return malformed(
                format!("idgraph does not support the parameter `{key}`"),
                "take it out, or connect through a local proxy such as pgbouncer that applies it",
            );
        }
        // The name is not shown: after a raw `&` or blank in a password, it is a piece of it.
        let near = crate::diagnostic::nearest(key, KNOWN.iter().copied());
        malformed(
            format!("its parameter number {position} is none that Postgres knows"),
            match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a password with `&` or a blank must be escaped: `%26`, `%20` in a URL, \
                         'single quotes' in key=value form"
                    .to_owned(),
            },
        )
    }

    fn read_url(&mut self, rest: &str) -> Parsed<()> {
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // A raw `@` anywhere else is nearly always the end of a password with `@`, `/` or `?` in it.
        if tail.contains('@') || authority.matches('@').count() > 1 {
            return malformed("there is an `@` where none can stand", ESCAPES);
        }
        let hosts = match authority.split_once('@') {
            Some((credentials, hosts)) => {
                let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
                self.set("user", decode(user)?, 0)?;
                self.set("password", decode(password)?, 0)?;
                hosts
            }
            None => authority,
        };
        self.read_hosts(hosts)?;
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        self.set("dbname", decode(path.strip_prefix('/').unwrap_or(path))?, 0)?;
        for (index, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            let Some((key, value)) = pair.split_once('=') else {
                return malformed(
                    format!("its parameter number {} has no `=`", index + 1),
                    "after `?`, write `name=value`, several joined by `&`",
                );
            };
            self.set(&decode(key)?, decode(value)?, index + 1)?;
        }
        Ok(())
    }

    /// `host:port,host:port`, kept as libpq keeps it: one list of hosts, one of ports.
    fn read_hosts(&mut self, text: &str) -> Parsed<()> {
        let (mut hosts, mut ports) = (Vec::new(), Vec::new());
        for one in text.split(',') {
            let (host, port) = if let Some(rest) = one.strip_prefix('[') {
                match rest.split_once(']') {
                    Some((host, "")) => (host, ""),
                    Some((host, port)) if port.starts_with(':') => (host, &port[1..]),
                    _ => return malformed("a `[` starts an IPv6 address that does not end", SHAPE),
                }
            } else {
                one.split_once(':').unwrap_or((one, ""))
            };
            hosts.push(decode(host)?);
            ports.push(decode(port)?);
        }
        if hosts.iter().any(|host| !host.is_empty()) {
            self.set("host", hosts.join(","), 0)?;
        }
        if ports.iter().any(|port| !port.is_empty()) {
            self.set("port", ports.join(","), 0)?;
        }
        Ok(())
    }

    fn read_pairs(&mut self, text: &str) -> Parsed<()> {
        let mut rest = text;
        let mut position = 0;
        while !rest.is_empty() {
            position += 1;
            let Some((key, value)) = rest.split_once('=') else {
                return malformed(
                    "it is neither a `postgres://` URL nor a list of `key=value`",
                    SHAPE,
                );
            };
            let (value, after) = pair_value(value.trim_start())?;
            self.set(key.trim_end(), value, position)?;
            rest = after.trim_start();
        }
        Ok(())
    }
}

/// The value at the start of `text` (quotes and backslashes undone) and what follows it.
fn pair_value(text: &str) -> Parsed<(String, &str)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[index + 1..])),
            blank if !quoted && blank.is_whitespace() => return Ok((value, &text[index..])),
            other => value.push(other),
        }
    }
    if quoted {
        return malformed(
            "a value in single quotes does not end",
            "inside the quotes write `\\'` for a quote and `\\\\` for a backslash",
        );
    }
    Ok((value, ""))
}

fn decode(text: &str) -> Parsed<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let hex = after.get(..2).and_then(|pair| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
        });
        match hex {
            Some(0) | None => return malformed("a `%` in it starts no percent escape", ESCAPES),
            Some(decoded) => bytes.push(decoded),
        }
        rest = &after[2..];
    }
    String::from_utf8(bytes).or_else(|_| malformed("its percent escapes are not UTF-8", ESCAPES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, keys: &[&str]) -> Vec<String> {
        let settings = Settings::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        keys.iter().map(|key| settings.get(key).unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn both_forms_say_the_same() {
        let keys = ["user", "password", "host", "port", "dbname", "sslmode"];
        let expected = ["an@a", "p:/?#%' \\", "db.example", "6000", "acme", "verify-full"];
        for text in [
            "postgres://an%40a:p%3A%2F%3F%23%25%27%20%5C@db.example:6000/acme?sslmode=verify-full",
            r"host=db.example port = 6000 user=an@a password='p:/?#%\' \\' dbname=acme sslmode=verify-full",
        ] {
            assert_eq!(get(text, &keys), expected, "{text}");
        }
        // A raw `:` or `#` in a password is not ambiguous.
        assert_eq!(get("postgresql://u:a:b#c@h/d", &["password", "host"]), ["a:b#c", "h"]);
    }

    #[test]
    fn hosts_ports_sockets_and_defaults() {
        let keys = ["host", "port", "dbname"];
        assert_eq!(get("postgres://a:1,b,[::1]:3/d\n", &keys), ["a,b,::1", "1,,3", "d"]);
        assert_eq!(get("postgres://%2Frun%2Fpg/d", &keys), ["/run/pg", "-", "d"]);
        assert_eq!(get("postgres:///d?host=/run/pg&port=7", &keys), ["/run/pg", "7", "d"]);
        assert_eq!(get("postgres://", &keys), ["-", "-", "-"]);
        assert_eq!(get("postgres://u:@h/?ssl=true", &["password", "sslmode"]), ["-", "require"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_being_shown() {
        for text in [
            "postgres://u:hun@ter2@h/d",
            "postgres://u:hun/ter2@h/d",
            "postgres://u:hun?ter2@h/d",
            "postgres://u:hun?ter=2@h/d",
            "postgres://u:hun%ter2@h/d",
            "postgres://u:hun%00ter2@h/d",
            "postgres://u:hun%ff@h/d",
            "postgres://[hunter2",
            "postgres://[::1]hunter2/d",
            "postgres://h/d?password=x&hunter2=y",
            "postgres://h/d?password=x&hunter2",
            "postgres://u:hunter2@h/d?sslcert=hunter2",
            "mysql://u:hunter2@h/d",
            "postgres:/u:hunter2@h/d",
            "hunter2",
            "password=a hunter2 host=h",
            "password=a hunter2=b",
            "password='hunter2",
            "pasword=hunter2",
            "hunter2\0",
            "",
        ] {
            let Err(error) = Settings::parse(text) else { panic!("{text} was read") };
            let debug = format!("{error:?}");
            let shown = debug + &error.explain("warehouse").to_string();
            assert!(!shown.contains("hun") && !shown.contains("ter2"), "{text}: {shown}");
        }
    }
}
