//! PgBouncer in transaction mode, in front of the server of the tests.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use tempfile::TempDir;

/// One that runs until the end of its scope.
pub struct Bouncer {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Bouncer {
    /// Starts it; none where it is not installed.
    pub fn start(host: &str, server: u16) -> Option<Self> {
        let program = env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .chain(["/usr/sbin".into()])
            .map(|folder| folder.join("pgbouncer"))
            .find(|path| path.exists())?;
        let folder = tempfile::tempdir().expect("a folder");
        // The user that it changes to when it is started by root has to read it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a port").port();
        drop(listener);
        let settings = format!(
            "[databases]\n* = host={host} port={server} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 10\n\
             server_login_retry = 1\nlog_connections = 0\nlog_disconnections = 0\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings).expect("write");
        let mut command = Command::new(program);
        if fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0) {
            command.args(["-u", "postgres"]);
        }
        let log = fs::File::create(folder.path().join("log")).expect("a file");
        let child = command
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("start pgbouncer");
        let bouncer = Self { child, port, _folder: folder };
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let log = bouncer._folder.path().join("log");
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "PgBouncer does not start: {}",
                fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(bouncer)
    }

    /// The URL of a database through it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
