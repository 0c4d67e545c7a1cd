//! Why a connection did not come about, told without its secret.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use postgres::error::SqlState;
use rustls::CertificateError;

use crate::diagnostic::Diagnostic;

/// The end of a connection, as messages name it. It holds the password only to keep it out of
/// others' words, so there is no `Debug`.
pub(super) struct Place {
    pub(super) target: String,
    pub(super) host: Named,
    pub(super) port: u16,
    pub(super) database: Named,
    pub(super) user: Named,
    pub(super) password: Option<String>,
    pub(super) timeout: Option<Duration>,
}

/// A part of the address, and what messages call it: never by what a variable holds.
pub(super) struct Named {
    pub(super) value: String,
    pub(super) shown: String,
}

impl Named {
    /// Words from outside, which may repeat it.
    fn hidden_in(&self, words: &str) -> String {
        match self.value == self.shown || self.value.is_empty() {
            true => words.to_owned(),
            false => words.replace(&self.value, &self.shown),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl Place {
    fn server(&self) -> String {
        if self.host.shown.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Words of the server, the system or the TLS library: should they hold the password (a proxy
    /// may repeat anything), it is taken out.
    fn clean(&self, words: &str) -> String {
        let words = match self.password.as_deref() {
            Some(password) if !password.is_empty() => words.replace(password, "***"),
            _ => words.to_owned(),
        };
        let named = [&self.host, &self.database, &self.user];
        named.into_iter().fold(words, |words, one| one.hidden_in(&words))
    }

    fn error(&self, code: &'static str, what: &str) -> Diagnostic {
        let Self { target, database, user, .. } = self;
        Diagnostic::error(code, format!("target `{target}`: {what}"))
            .note(format!("connecting to {}/{database} as user `{user}`", self.server()))
    }
}

/// A connection that did not come about.
pub(super) struct Failure {
    diagnostic: Box<Diagnostic>,
    answered: bool,
    encryption: bool,
}

impl Failure {
    /// What the crate reported.
    pub(super) fn new(place: &Place, error: &postgres::Error) -> Self {
        if let Some(error) = error.as_db_error() {
            return Self {
                diagnostic: Box::new(refused(place, error)),
                answered: *error.code() != SqlState::CANNOT_CONNECT_NOW,
                // "no pg_hba.conf entry for …, no encryption" and the like.
                encryption: *error.code() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            };
        }
        // The crate shows its kinds of error, which are private, only as text.
        let kind = error.to_string();
        let cause = error.source();
        let reason = place.clean(&cause.map_or_else(|| kind.clone(), ToString::to_string));
        let of_tls = kind == "error performing TLS handshake";
        let io = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
        let diagnostic = if of_tls {
            tls(place, io, &reason)
        } else if reason == "password missing" {
            place
                .error("missing-password", "the server wants a password and there is none")
                .help("put it into the URL, into PGPASSWORD, or into the file ~/.pgpass")
        } else if let Some(io) = io {
            if io.kind() == io::ErrorKind::TimedOut {
                return Self::timeout(place);
            }
            unreachable(place, io, &reason)
        } else {
            return Self::other(place, &reason);
        };
        // A missing password is the server's answer to whoever comes; another host would ask, too.
        let answered = diagnostic.code() == "missing-password";
        Self { diagnostic: Box::new(diagnostic), answered, encryption: of_tls }
    }

    /// The server did not answer in time.
    pub(super) fn timeout(place: &Place) -> Self {
        let limit = place
            .timeout
            .map_or_else(String::new, |limit| format!(" within {} seconds", limit.as_secs_f32()));
        let what = format!("{} did not answer{limit}", place.server());
        let diagnostic = place
            .error("connection-timeout", &what)
            .help("check the network, firewall and port; `connect_timeout=SECONDS` waits longer");
        Self { diagnostic: Box::new(diagnostic), answered: false, encryption: false }
    }

    /// Anything else; `reason` comes from outside.
    pub(super) fn other(place: &Place, reason: &str) -> Self {
        let what = format!("the connection failed: {}", place.clean(reason));
        let diagnostic = place
            .error("connection-failed", &what)
            .help("check that a Postgres server answers at this address");
        Self { diagnostic: Box::new(diagnostic), answered: false, encryption: false }
    }

    /// The server was there and said no.
    pub(super) fn is_an_answer(&self) -> bool {
        self.answered
    }

    /// It may come about with TLS where there was none, or without where there was.
    pub(super) fn may_depend_on_encryption(&self) -> bool {
        self.encryption
    }

    /// The message for the user.
    pub(super) fn explain(self) -> Diagnostic {
        *self.diagnostic
    }
}

/// The server answered, with an error.
fn refused(place: &Place, error: &postgres::error::DbError) -> Diagnostic {
    let Place { user, database, .. } = place;
    let code = error.code();
    let said = format!("the server said: {}", place.clean(error.message()));
    if *code == SqlState::INVALID_PASSWORD {
        let what = format!("the password for user `{user}` is wrong");
        return place.error("wrong-password", &what).note(said).help(
            "it was looked for in the URL, then in PGPASSWORD, then in ~/.pgpass; \
             in a URL, special characters need percent escapes (`@` is %40)",
        );
    }
    if *code == SqlState::INVALID_CATALOG_NAME {
        let what = format!("there is no database `{database}`");
        return place
            .error("unknown-database", &what)
            .note(said)
            .help(format!("create it (`createdb {database}`), or correct the URL"));
    }
    if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        let what = format!("the server does not let user `{user}` in");
        return place.error("access-refused", &what).note(said).help(
            "check the user's name, the server's pg_hba.conf, and whether it asks for TLS (`sslmode`)",
        );
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        let what = format!("user `{user}` may not connect to database `{database}`");
        return place
            .error("access-refused", &what)
            .note(said)
            .help("let its owner run `GRANT CONNECT ON DATABASE … TO …`");
    }
    let what = format!("the server refuses the connection ({})", code.code());
    let help = if *code == SqlState::TOO_MANY_CONNECTIONS {
        "close other sessions, or try again later"
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        "the server is starting or stopping: try again in a moment"
    } else {
        "see the server's log"
    };
    place.error("connection-refused-by-server", &what).note(said).help(help)
}

fn tls(place: &Place, error: Option<&io::Error>, reason: &str) -> Diagnostic {
    if reason == "server does not support TLS" {
        return place
            .error("tls-refused", "the server does not speak TLS, which `sslmode` demands")
            .help("turn TLS on in the server (`ssl = on`), or lower `sslmode` to `prefer`");
    }
    let inner = error.and_then(|error| error.get_ref());
    let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(problem)) = inner else {
        return place
            .error("tls-failed", &format!("the TLS handshake failed: {reason}"))
            .help("idgraph speaks TLS 1.2 and 1.3: check the server's ssl_* settings");
    };
    match problem {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let what = format!("the server's certificate is not for `{}`", place.host);
            place.error("certificate-name", &what).note(reason.to_owned()).help(
                "connect by a name that the certificate lists as a subject alternative name, \
                 or use `sslmode=verify-ca`",
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => place
            .error("certificate-expired", "the server's certificate has expired")
            .note(reason.to_owned())
            .help("renew it on the server; check this machine's clock"),
        _ => place
            .error("certificate-not-trusted", "the server's certificate is not trusted")
            .note(reason.to_owned())
            .help("name its authority's certificate: `sslrootcert=/path/to/ca.pem`"),
    }
}

/// No server was reached.
fn unreachable(place: &Place, error: &io::Error, reason: &str) -> Diagnostic {
    let server = place.server();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => place
            .error("connection-refused", &format!("nothing listens at {server}"))
            .help("start the server, or correct host and port"),
        io::ErrorKind::NotFound => place
            .error("connection-refused", &format!("no server has a socket in {}", place.host))
            .help("start the server, or name the folder of its socket (`unix_socket_directories`)"),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => place
            .error("connection-lost", &format!("{server} closed the connection"))
            .help("is it a Postgres server? see its log"),
        _ if reason.contains("lookup address") || reason.contains("resolve") => place
            .error("unknown-host", &format!("there is no host `{}`", place.host))
            .note(reason.to_owned())
            .help("correct the host's name, or check the network's name service"),
        _ => place
            .error("connection-failed", &format!("cannot talk to {server}: {reason}"))
            .help("check the network, and that a Postgres server answers at this address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_outside_lose_the_password() {
        let named = |value: &str| Named { value: value.to_owned(), shown: value.to_owned() };
        let place = Place {
            target: "warehouse".to_owned(),
            host: named("::1"),
            port: 5432,
            database: named("acme"),
            user: named("ana"),
            password: Some("p@ss/w%rd".to_owned()),
            timeout: None,
        };
        let shown = Failure::other(&place, "cannot log in with p@ss/w%rd").explain().to_string();
        assert!(shown.contains("log in with ***") && !shown.contains("p@ss"), "{shown}");
        assert!(shown.contains("[::1]:5432/acme as user `ana`"), "{shown}");
    }
}
