//! From a connection URL to an open session: hosts in turn, with or without TLS, a limit in time.

use std::io::Write;
use std::sync::mpsc;

use postgres::Client;
use postgres::config::SslMode as Encryption;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::{Failure, Named, Place};
use super::pgpass;
use super::plan::{Environment, Host, Plan};
use super::tls::SslMode;
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::project::Url;

/// Opens a session with a Postgres server.
///
/// `url` is a `postgres://` URL or libpq's `key=value` form; what it leaves out comes from libpq's
/// environment variables and the password file. `name_for_errors` is what the user calls the target.
/// Warnings go to stderr. No error holds the password, nor the URL.
pub fn connect(url: impl Into<Url>, name_for_errors: &str) -> Result<Client> {
    let mut warnings = Vec::new();
    let outcome = connect_with(url, name_for_errors, &Environment::of_process(), &mut warnings);
    for warning in &warnings {
        // Nobody there to hear it is no error.
        let _ = writeln!(anstream::stderr(), "{}", warning.render(true));
    }
    outcome
}

/// [`connect`] with an environment of one's own, and the warnings handed back.
pub fn connect_with(
    url: impl Into<Url>,
    name_for_errors: &str,
    environment: &Environment<'_>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Client> {
    let plan = Plan::new(&url.into(), name_for_errors, environment)?;
    let mut failures = Vec::new();
    for host in &plan.hosts {
        match plan.try_host(host, warnings) {
            Ok(client) => return Ok(client),
            Err(failure) => {
                let refused = failure.is_an_answer();
                failures.push(failure.explain());
                // As in libpq: the next host stands in for one that is away, not for one that says no.
                if refused {
                    break;
                }
            }
        }
    }
    // A plan has at least one host, so there is at least one failure.
    Err(Diagnostics::check(failures).err().unwrap_or_else(|| {
        Diagnostic::error("connection-failed", format!("target `{name_for_errors}`: no host"))
            .into()
    }))
}

impl Plan<'_> {
    fn try_host(
        &self,
        host: &Host,
        warnings: &mut Vec<Diagnostic>,
    ) -> std::result::Result<Client, Failure> {
        let password = self.password.clone().or_else(|| {
            let wanted = pgpass::Wanted {
                host: &host.name,
                port: host.port,
                database: &self.database,
                user: &self.user,
            };
            pgpass::look_up(self.password_file.as_ref()?, &wanted, warnings)
        });
        let mut config = self.common.clone();
        // A folder is a socket for the crate, too; with an address, the name is for the certificate.
        config.host(&host.name).port(host.port);
        if let Some(address) = host.address {
            config.hostaddr(address);
        }
        if let Some(password) = &password {
            config.password(password);
        }
        if let Some(timeout) = self.timeout {
            config.connect_timeout(timeout);
        }
        let place = Place {
            target: self.target.to_owned(),
            host: Named { value: host.name.clone(), shown: host.shown.clone() },
            port: host.port,
            database: Named {
                value: self.database.clone(),
                shown: self.shown("dbname", &self.database),
            },
            user: Named { value: self.user.clone(), shown: self.shown("user", &self.user) },
            password,
            timeout: self.timeout,
        };
        let mode = if host.is_socket() { SslMode::Disable } else { self.mode };
        let attempt = |encryption| self.attempt(&config, encryption, &place);
        match mode {
            SslMode::Disable => attempt(Encryption::Disable),
            SslMode::Allow => match attempt(Encryption::Disable) {
                Err(failure) if failure.may_depend_on_encryption() => attempt(Encryption::Require),
                outcome => outcome,
            },
            SslMode::Prefer => match attempt(Encryption::Prefer) {
                Err(failure) if failure.may_depend_on_encryption() => attempt(Encryption::Disable),
                outcome => outcome,
            },
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                attempt(Encryption::Require)
            }
        }
    }

    /// One try, in a thread of its own: the crate limits the time only until the socket is open, and
    /// a server that accepts and then says nothing would hold idgraph for ever. A thread that is
    /// given up ends with the process, or when the server lets go.
    fn attempt(
        &self,
        config: &postgres::Config,
        encryption: Encryption,
        place: &Place,
    ) -> std::result::Result<Client, Failure> {
        let mut config = config.clone();
        config.ssl_mode(encryption);
        let tls = self.tls.clone();
        let (sender, receiver) = mpsc::channel();
        let spawned = std::thread::Builder::new().name("connect".to_owned()).spawn(move || {
            let outcome = match tls {
                Some(tls) => config.connect(MakeRustlsConnect::new(tls)),
                None => config.connect(postgres::NoTls),
            };
            // Nobody listens any more after the limit.
            let _ = sender.send(outcome);
        });
        if let Err(error) = spawned {
            return Err(Failure::other(place, &error.to_string()));
        }
        let answer = match self.timeout {
            // A little more than the socket's own limit, so that a second address gets its turn.
            Some(limit) => receiver.recv_timeout(limit.saturating_add(limit / 2)),
            None => receiver.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(Ok(client)) => Ok(client),
            Ok(Err(error)) => Err(Failure::new(place, &error)),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Failure::timeout(place)),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(Failure::other(place, "the connection's thread ended early"))
            }
        }
    }
}
