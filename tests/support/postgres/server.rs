//! One Postgres server, wherever it runs.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use postgres::{Client, NoTls};

use super::PREFIX;
use super::certificates::Certificate;
use super::cluster::Cluster;
use super::container::Container;

/// How a private server differs from one that lets anyone in without TLS.
#[derive(Default)]
pub struct Options {
    /// The password that user `postgres` has and must give (SCRAM); none: everyone is let in.
    pub password: Option<String>,
    /// The server's certificate; none: it does not speak TLS.
    pub certificate: Option<Certificate>,
    /// Lines of pg_hba.conf in front of the usual one.
    pub access: Vec<String>,
    /// Settings of the server behind the usual ones, `name=value`; the last one of a name counts.
    pub settings: Vec<String>,
}

impl Options {
    /// The server's pg_hba.conf. Administration goes through a user of its own, whatever the test
    /// asks for.
    pub(super) fn hba(&self) -> String {
        let method = if self.password.is_some() { "scram-sha-256" } else { "trust" };
        let mut lines =
            vec!["local all all trust".to_owned(), "local replication all trust".to_owned()];
        lines.push(format!("host all {ADMINISTRATOR} all scram-sha-256"));
        lines.extend(self.access.iter().cloned());
        lines.push(format!("host all all all {method}"));
        lines.join("\n") + "\n"
    }

    /// The server's settings.
    pub(super) fn settings(&self) -> impl Iterator<Item = &str> {
        SETTINGS.into_iter().chain(self.settings.iter().map(String::as_str))
    }
}

/// The superuser that clusters and containers are made with.
pub(super) const ADMINISTRATOR: &str = "idgraph_administrator";

/// Settings of every server made here: it need not survive the machine, only [`Server::stop`].
const SETTINGS: [&str; 5] = [
    "fsync=off",
    "full_page_writes=off",
    "max_connections=100",
    "shared_buffers=32MB",
    "timezone=UTC",
];

enum Kind {
    Given(String),
    Local(Cluster),
    Container(Box<Container>),
}

/// A running server; one made here ends with its scope, or with the process.
pub struct Server {
    kind: Kind,
    password: Option<String>,
    administrator: Mutex<Option<Client>>,
}

impl Server {
    /// The server that all tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| {
            if let Ok(url) = std::env::var("IDGRAPH_TEST_POSTGRES_URL") {
                say("Postgres for tests: the server of IDGRAPH_TEST_POSTGRES_URL");
                let server = Self::of_kind(Kind::Given(url), &Options::default());
                server.drop_leftovers();
                return server;
            }
            Self::private(Options::default())
        })
    }

    /// A server that no other test uses.
    pub fn private(options: Options) -> Self {
        static CHOICE: OnceLock<String> = OnceLock::new();
        let wanted = std::env::var("IDGRAPH_TEST_POSTGRES").unwrap_or_default();
        // What the first server came to is not tried anew by the others.
        let choice = CHOICE.get().map_or(wanted.as_str(), String::as_str);
        let (kind, chosen, why) = match choice {
            "container" => match Container::start(&options) {
                Ok(container) => (Kind::Container(Box::new(container)), "container", None),
                Err(why) => panic!("no Postgres container: {why}"),
            },
            "local" => match Cluster::start(&options) {
                Ok(cluster) => (Kind::Local(cluster), "local", None),
                Err(why) => panic!("no local Postgres cluster: {why}"),
            },
            "" => match Container::start(&options) {
                Ok(container) => (Kind::Container(Box::new(container)), "container", None),
                Err(why) => match Cluster::start(&options) {
                    Ok(cluster) => (Kind::Local(cluster), "local", Some(why)),
                    Err(local) => panic!("{}", nothing(&why, &local)),
                },
            },
            other => panic!("IDGRAPH_TEST_POSTGRES is `container` or `local`, not `{other}`"),
        };
        CHOICE.get_or_init(|| {
            let why = why.map_or_else(String::new, |why| format!(" (no container: {why})"));
            say(&format!("Postgres for tests: {chosen}{why}"));
            chosen.to_owned()
        });
        let server = Self::of_kind(kind, &options);
        server.wait_until_ready();
        let password = options.password.as_ref().map_or_else(String::new, |password| {
            format!("PASSWORD '{}'", password.replace('\'', "''"))
        });
        let sql = format!("CREATE USER postgres SUPERUSER {password}");
        server.administer(&sql).expect("create the user of the tests");
        server
    }

    /// One from the binaries on this machine, whatever the others are: it can have a standby.
    pub fn local() -> Self {
        let options = Options::default();
        let cluster = Cluster::start(&options);
        let cluster = cluster.unwrap_or_else(|why| panic!("no local Postgres cluster: {why}"));
        let server = Self::of_kind(Kind::Local(cluster), &options);
        server.wait_until_ready();
        server.administer("CREATE USER postgres SUPERUSER").expect("create the user of the tests");
        server
    }

    /// A standby of a server by [`Server::local`], with all that it holds now.
    pub fn standby(&self) -> Self {
        let Kind::Local(cluster) = &self.kind else { panic!("only a local server has a standby") };
        let options = Options::default();
        let standby = cluster.standby(&options).unwrap_or_else(|why| panic!("no standby: {why}"));
        let server = Self::of_kind(Kind::Local(standby), &options);
        server.wait_until_ready();
        server
    }

    fn of_kind(kind: Kind, options: &Options) -> Self {
        Self { kind, password: options.password.clone(), administrator: Mutex::new(None) }
    }

    /// The port on 127.0.0.1. For a server of one's own only.
    pub fn port(&self) -> u16 {
        match &self.kind {
            Kind::Given(_) => panic!("a given server has no known port"),
            Kind::Local(cluster) => cluster.port(),
            Kind::Container(container) => container.port(),
        }
    }

    /// The host that [`Server::port`] is open on.
    pub fn host(&self) -> String {
        match &self.kind {
            Kind::Container(container) => container.host().to_owned(),
            _ => Ipv4Addr::LOCALHOST.to_string(),
        }
    }

    /// The URL of a database, for user `postgres`, or for the user of a given URL.
    pub fn url(&self, database: &str) -> String {
        match &self.kind {
            Kind::Given(url) => with_database(url, database),
            _ => {
                let password = self
                    .password
                    .as_ref()
                    .map_or_else(String::new, |password| format!(":{}", percent_encode(password)));
                format!("postgres://postgres{password}@{}:{}/{database}", self.host(), self.port())
            }
        }
    }

    /// Ends the server as a crash does: every session breaks. For a server of one's own only.
    pub fn stop(&self) {
        match &self.kind {
            Kind::Given(_) => panic!("a given server is not ours to stop"),
            Kind::Local(cluster) => cluster.stop(),
            Kind::Container(container) => container.stop(),
        }
    }

    /// Starts the server again, with its data, on the same port.
    pub fn start(&self) {
        match &self.kind {
            Kind::Given(_) => panic!("a given server is not ours to start"),
            Kind::Local(cluster) => cluster.start_again(),
            Kind::Container(container) => container.start_again(),
        }
        self.wait_until_ready();
    }

    /// Runs SQL as the administrator. The session stays open: a container ends without one.
    pub fn administer(&self, sql: &str) -> Result<(), postgres::Error> {
        let mut session = self.administrator.lock().unwrap_or_else(PoisonError::into_inner);
        let mut client = match session.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => open(&self.administrator_url())?,
        };
        let outcome = client.batch_execute(sql);
        *session = Some(client);
        outcome
    }

    fn administrator_url(&self) -> String {
        match &self.kind {
            Kind::Given(url) => url.clone(),
            _ => format!(
                "postgres://{ADMINISTRATOR}:{ADMINISTRATOR}@{}:{}/postgres?connect_timeout=5",
                self.host(),
                self.port()
            ),
        }
    }

    fn wait_until_ready(&self) {
        let begin = Instant::now();
        while let Err(error) = self.administer("SELECT 1") {
            if begin.elapsed() > Duration::from_secs(60) {
                let log = match &self.kind {
                    Kind::Container(container) => container.log(),
                    Kind::Local(cluster) => cluster.log(),
                    Kind::Given(_) => String::new(),
                };
                panic!("the test server does not answer: {error:?}\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Drops the databases that killed test processes left on a server that stays.
    fn drop_leftovers(&self) {
        let mut client = open(&self.administrator_url()).expect("IDGRAPH_TEST_POSTGRES_URL");
        let names = client.query("SELECT datname FROM pg_database", &[]).expect("list databases");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        for row in names {
            let name: String = row.get(0);
            let made = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next());
            let made = made.and_then(|seconds| seconds.parse::<u64>().ok());
            if made.is_some_and(|seconds| seconds + 6 * 3600 < now.as_secs()) {
                // Another process may be doing the same.
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"));
            }
        }
    }
}

/// A session by the plain crate, so that the harness does not rest on what it tests.
pub(super) fn open(url: &str) -> Result<Client, postgres::Error> {
    Client::connect(url, NoTls)
}

/// A port that is free now; whoever takes it first has it.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("the port just bound").port()
}

/// Past the test harness, which keeps `eprintln!` to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn nothing(container: &str, local: &str) -> String {
    format!(
        "these tests need a Postgres server, and there is none.\n\
         Do one of these:\n\
         - install Postgres 15 or newer (Debian: apt-get install postgresql-15); it need not run\n\
         - start Docker or podman and set DOCKER_HOST ({container})\n\
         - set IDGRAPH_TEST_POSTGRES_URL to a server where the tests may create databases\n\
         The local binaries: {local}"
    )
}

/// The same URL for another database.
fn with_database(url: &str, database: &str) -> String {
    let Some(start) = url.find("://").map(|index| index + 3) else {
        return format!("{url} dbname={database}");
    };
    let (address, query) = url[start..].split_once('?').unwrap_or((&url[start..], ""));
    let authority = address.split_once('/').map_or(address, |(authority, _)| authority);
    format!("{}{authority}/{database}?{query}", &url[..start])
}

/// A text for any part of a URL.
pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
