//! A real PgBouncer in front of a server of the test's own; without one the test fails and says what to install.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::cluster::as_server_user;
use super::server::free_port;
use super::{Database, Server};

/// It runs until the end of its scope.
pub struct Bouncer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Bouncer {
    /// With a session of the server for each transaction, `sessions` of them for a database.
    pub fn start(server: &Server, sessions: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let settings = format!(
            "[databases]
* = host={} port={} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 100
",
            server.host(),
            server.port()
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings).expect("its settings");
        super::cluster::give_to_server_user(folder.path()).expect("its folder");
        super::cluster::give_to_server_user(&file).expect("its file");
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let child = as_server_user("pgbouncer".as_ref())
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("no PgBouncer: {error}; install it: apt-get install pgbouncer")
            });
        let mut bouncer = Self { child, port, folder };
        bouncer.wait();
        bouncer
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().expect("a child");
            if ended.is_some() || start.elapsed() > Duration::from_secs(20) {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!(
                    "PgBouncer does not answer; is it installed (apt-get install pgbouncer)? {log}"
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The URL of a database through it.
    pub fn url(&self, database: &Database<'_>) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
