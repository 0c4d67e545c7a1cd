//! What a connection URL, the environment and the defaults come to, before the first packet.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::settings::Settings;
use super::tls::{self, SslMode, Trust};
use crate::diagnostic::Diagnostic;
use crate::project::words::many;
use crate::project::{MARK, Url};

/// How long a server may take to answer when the URL does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// libpq's environment variables, and the parameters they are the defaults of.
const VARIABLES: [(&str, &str); 12] = [
    ("PGAPPNAME", "application_name"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGDATABASE", "dbname"),
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGOPTIONS", "options"),
    ("PGPASSWORD", "password"),
    ("PGPORT", "port"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGUSER", "user"),
];

/// Parameters that the `postgres` crate reads by itself, by libpq's name and by its own.
const HANDED_ON: [(&str, &str); 10] = [
    ("channel_binding", "channel_binding"),
    ("connect_timeout", "connect_timeout"),
    ("keepalives", "keepalives"),
    ("keepalives_count", "keepalives_retries"),
    ("keepalives_idle", "keepalives_idle"),
    ("keepalives_interval", "keepalives_interval"),
    ("options", "options"),
    ("sslnegotiation", "sslnegotiation"),
    ("target_session_attrs", "target_session_attrs"),
    ("tcp_user_timeout", "tcp_user_timeout"),
];

/// Where environment variables are looked up.
pub struct Environment<'a>(Box<LookUp<'a>>);

type LookUp<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

impl<'a> Environment<'a> {
    /// The process's own variables.
    pub fn of_process() -> Self {
        Self(Box::new(|name| std::env::var_os(name)))
    }

    /// The variables that a function gives.
    pub fn from_lookup(look_up: impl Fn(&str) -> Option<OsString> + 'a) -> Self {
        Self(Box::new(look_up))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.path(name).and_then(|value| value.into_os_string().into_string().ok())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        (self.0)(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    fn home(&self) -> Option<PathBuf> {
        self.path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }
}

/// One server to try.
#[derive(Debug)]
pub(super) struct Host {
    /// As the user wrote it: for messages, password file and certificate. A socket's folder starts with `/`.
    pub(super) name: String,
    /// The same, variables as written.
    pub(super) shown: String,
    /// Where it is, when not to be looked up by name.
    pub(super) address: Option<std::net::IpAddr>,
    pub(super) port: u16,
}

impl Host {
    pub(super) fn is_socket(&self) -> bool {
        self.address.is_none() && self.name.starts_with('/')
    }
}

/// Everything known before the first packet.
pub(super) struct Plan<'a> {
    pub(super) target: &'a str,
    pub(super) hosts: Vec<Host>,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) password: Option<String>,
    /// With what it is called in messages.
    pub(super) password_file: Option<(PathBuf, String)>,
    pub(super) mode: SslMode,
    pub(super) tls: Option<rustls::ClientConfig>,
    /// The parameters that are the same for every host.
    pub(super) common: postgres::Config,
    pub(super) timeout: Option<Duration>,
    written: Written,
}

/// What the URL says with its variables as written.
struct Written(Option<Option<Settings>>);

impl Written {
    fn of(url: &Url) -> Self {
        Self(url.marked.as_deref().map(|marked| Settings::parse(marked).ok()))
    }

    /// A parameter's value as messages show it: never what a variable holds.
    fn shown(&self, key: &str, value: &str) -> String {
        let Some(settings) = &self.0 else { return value.to_owned() };
        match settings.as_ref().and_then(|settings| settings.get(key)) {
            Some(written) if written.contains(MARK) => unmarked(written),
            Some(written) if written == value => value.to_owned(),
            // The user's name of this machine, or that of a database that is called as the user.
            None if key == "dbname" && settings.is_some() => self.shown("user", value),
            // It is there because of what a variable holds.
            _ => "…".to_owned(),
        }
    }

    /// The same of one host of a list.
    fn host(&self, key: &str, index: usize, value: &str) -> String {
        let Some(settings) = &self.0 else { return value.to_owned() };
        let list = settings.as_ref().and_then(|settings| settings.get(key)).unwrap_or_default();
        match list.split(',').map(str::trim).nth(index) {
            Some(written) if written == value => value.to_owned(),
            _ if list.contains(MARK) => unmarked(list),
            _ => "…".to_owned(),
        }
    }
}

/// A text with its variables as they are written: `${NAME}`.
fn unmarked(text: &str) -> String {
    let parts = text.split(MARK).enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("${{{part}}}") } else { part.to_owned() })
        .collect()
}

impl<'a> Plan<'a> {
    /// What a message calls the value of a parameter.
    pub(super) fn shown(&self, key: &str, value: &str) -> String {
        self.written.shown(key, value)
    }

    /// Reads and checks everything; nothing is connected yet.
    pub(super) fn new(
        url: &Url,
        target: &'a str,
        environment: &Environment<'_>,
    ) -> std::result::Result<Self, Diagnostic> {
        let invalid = |message: String, help: &str| {
            Diagnostic::error("bad-connection-url", format!("target `{target}`: {message}"))
                .help(help)
        };
        let mut settings = Settings::parse(&url.value).map_err(|error| error.explain(target))?;
        let mut written = Written::of(url);
        for (variable, parameter) in VARIABLES {
            settings.default(parameter, || environment.get(variable));
            if let Some(Some(written)) = &mut written.0 {
                written.default(parameter, || environment.get(variable));
            }
        }
        let mode = match settings.get("sslmode") {
            None if settings.get("sslrootcert") == Some("system") => SslMode::VerifyFull,
            None => SslMode::Prefer,
            Some(text) => SslMode::parse(text).ok_or_else(|| {
                let names = SslMode::NAMES.map(|(name, _)| name).join(", ");
                invalid("`sslmode` has no such value".to_owned(), &format!("one of {names}"))
            })?,
        };
        if settings.get("sslrootcert") == Some("system") && mode != SslMode::VerifyFull {
            return Err(invalid(
                "`sslrootcert=system` is safe only together with `sslmode=verify-full`".to_owned(),
                "anyone can get a certificate from a public authority for a name of their own: \
                 write `sslmode=verify-full`",
            ));
        }
        if settings.get("gssencmode") == Some("require") {
            let message = "idgraph does not support `gssencmode=require`".to_owned();
            return Err(invalid(message, "use `sslmode=require` to encrypt"));
        }
        let hosts = hosts(&settings, &written).map_err(|message| {
            invalid(message, "give each host one port: `host1:5432,host2:5433`")
        })?;
        let user = match settings.get("user") {
            Some(user) => user.to_owned(),
            None => whoami::username().map_err(|_| {
                invalid("it names no user".to_owned(), "add the user, or set PGUSER")
            })?,
        };
        let database = settings.get("dbname").unwrap_or(&user).to_owned();
        let tls =
            match mode {
                SslMode::Disable => None,
                _ if hosts.iter().all(Host::is_socket) => None,
                _ => Some(tls_config(mode, &settings, environment).map_err(|why| {
                    invalid(why, "set `sslrootcert` to a PEM file, or to `system`")
                })?),
            };
        let common = common(&settings, &user, &database).map_err(|parameter| {
            invalid(
                format!("`{parameter}` has a value that cannot be used"),
                "see libpq's documentation of connection parameters",
            )
        })?;
        let timeout = match settings.get("connect_timeout") {
            Some(_) => common.get_connect_timeout().copied(),
            None => Some(DEFAULT_TIMEOUT),
        };
        Ok(Self {
            target,
            hosts,
            password: settings.get("password").map(str::to_owned),
            password_file: password_file(&settings, &written, environment),
            user,
            database,
            mode,
            tls,
            common,
            timeout,
            written,
        })
    }
}

fn password_file(
    settings: &Settings,
    written: &Written,
    environment: &Environment<'_>,
) -> Option<(PathBuf, String)> {
    if let Some(file) = settings.get("passfile") {
        return Some((PathBuf::from(file), written.shown("passfile", file)));
    }
    let of_home = || environment.home().map(|home| home.join(".pgpass"));
    let file = environment.path("PGPASSFILE").or_else(of_home)?;
    let shown = file.display().to_string();
    Some((file, shown))
}

fn tls_config(
    mode: SslMode,
    settings: &Settings,
    environment: &Environment<'_>,
) -> std::result::Result<rustls::ClientConfig, String> {
    let own_roots = environment.home().map(|home| home.join(".postgresql/root.crt"));
    let own_roots = own_roots.filter(|path| path.exists());
    let trust = Trust::choose(mode, settings.get("sslrootcert"), own_roots.as_deref());
    tls::client_config(&trust)
}

/// The parameters that the crate reads by itself; an error names the parameter.
fn common(
    settings: &Settings,
    user: &str,
    database: &str,
) -> std::result::Result<postgres::Config, &'static str> {
    let mut text = String::new();
    for (ours, theirs) in HANDED_ON {
        if let Some(value) = settings.get(ours) {
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            let pair = format!("{theirs}='{value}' ");
            // One at a time, for the name of the one that is wrong.
            pair.parse::<postgres::Config>().map_err(|_| ours)?;
            text += &pair;
        }
    }
    let mut config = text.parse::<postgres::Config>().map_err(|_| "options")?;
    let application = settings.get("application_name");
    let application = application.or_else(|| settings.get("fallback_application_name"));
    config.application_name(application.unwrap_or("idgraph")).user(user).dbname(database);
    Ok(config)
}

/// The servers to try; an error says what does not fit.
fn hosts(settings: &Settings, written: &Written) -> std::result::Result<Vec<Host>, String> {
    let list =
        |key| settings.get(key).map(|text| text.split(',').map(str::trim).collect::<Vec<_>>());
    let names = list("host").unwrap_or_default();
    let addresses = list("hostaddr").unwrap_or_default();
    let ports = list("port").unwrap_or_default();
    let count = names.len().max(addresses.len()).max(1);
    for (what, length) in [("host", names.len()), ("hostaddr", addresses.len())] {
        if length != 0 && length != count {
            return Err(format!(
                "`{what}` has {} for {}",
                many(length, "entry"),
                many(count, "server")
            ));
        }
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(format!(
            "`port` has {} for {}",
            many(ports.len(), "entry"),
            many(count, "server")
        ));
    }
    (0..count)
        .map(|index| {
            let port = ports.get(index).or(ports.first()).filter(|port| !port.is_empty());
            let port = match port.map_or(Ok(5432), |port| port.parse::<u16>()) {
                Ok(port) if port > 0 => port,
                _ => return Err("a port is not a number from 1 to 65535".to_owned()),
            };
            let address = addresses.get(index).filter(|address| !address.is_empty());
            let address =
                match address.map(|address| address.parse::<std::net::IpAddr>()).transpose() {
                    Ok(address) => address,
                    Err(_) => return Err("`hostaddr` is not an IP address".to_owned()),
                };
            let key = if names.is_empty() { "hostaddr" } else { "host" };
            let name = match (names.get(index).filter(|name| !name.is_empty()), address) {
                (Some(name), _) => (*name).to_owned(),
                (None, Some(address)) => address.to_string(),
                (None, None) => default_host(port),
            };
            let is_given = !(names.is_empty() && addresses.is_empty());
            let shown = if is_given { written.host(key, index, &name) } else { name.clone() };
            Ok(Host { name, shown, address, port })
        })
        .collect()
}

/// The socket of a server on this machine, else its address.
fn default_host(port: u16) -> String {
    let socket = |folder: &&str| std::path::Path::new(folder).join(format!(".s.PGSQL.{port}"));
    let mut folders = ["/var/run/postgresql", "/tmp"].into_iter();
    let found = folders.find(|folder| cfg!(unix) && socket(folder).exists());
    found.unwrap_or("localhost").to_owned()
}
