//! A throw-away cluster from the Postgres binaries on this machine.
//!
//! A shell runs the server and reads our pipe: when this process ends, however it ends, the pipe
//! closes, and the shell ends the server and removes its folder. Should the shell be killed, too, the
//! next cluster removes what it left.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs};

use super::server::{ADMINISTRATOR, Options, free_port};

/// `sh -c KEEPER sh FOLDER command…`: runs the command until told `stop`, again when told `start`.
const KEEPER: &str = r#"
folder=$1; shift
start() { "$@" >>"$folder/log" 2>&1 </dev/null & server=$!; }
stop() { kill -QUIT $server 2>/dev/null; wait $server; }
start "$@"
while read -r word; do
  case $word in
    stop) stop;;
    start) start "$@";;
  esac
  echo done
done
stop
rm -rf "$folder"
"#;

const FOLDER_PREFIX: &str = "idgraph-test-postgres-";

pub(super) struct Cluster {
    folder: PathBuf,
    port: u16,
    keeper: Mutex<Keeper>,
}

struct Keeper {
    shell: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Cluster {
    pub(super) fn start(options: &Options) -> Result<Self, String> {
        static SWEEP: std::sync::Once = std::sync::Once::new();
        SWEEP.call_once(remove_leftovers);
        let binaries = binaries()?;
        let folder = folder()?;
        let outcome = Self::start_in(&folder, &binaries, options);
        if outcome.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        outcome
    }

    fn start_in(folder: &Path, binaries: &Path, options: &Options) -> Result<Self, String> {
        let data = folder.join("data");
        let password = folder.join("password");
        write(&password, ADMINISTRATOR)?;
        let made = as_server_user(&binaries.join("initdb"))
            .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"])
            .args(["--auth=trust", "--username", ADMINISTRATOR])
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password)
            .output()
            .map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        Self::run(folder, binaries, options)
    }

    /// A standby of this cluster, which takes only reading.
    pub(super) fn standby(&self, options: &Options) -> Result<Self, String> {
        let (binaries, folder) = (binaries()?, folder()?);
        let outcome = self.copy_to(&folder, &binaries, options);
        if outcome.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        outcome
    }

    fn copy_to(&self, folder: &Path, binaries: &Path, options: &Options) -> Result<Self, String> {
        let copied = as_server_user(&binaries.join("pg_basebackup"))
            .args([
                "--no-sync",
                "--checkpoint=fast",
                "--wal-method=stream",
                "--write-recovery-conf",
            ])
            .arg("--host")
            .arg(&self.folder)
            .args(["--port", &self.port.to_string(), "--username", ADMINISTRATOR])
            .arg("--pgdata")
            .arg(folder.join("data"))
            .output()
            .map_err(|error| format!("pg_basebackup: {error}"))?;
        if !copied.status.success() {
            return Err(format!("pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr)));
        }
        Self::run(folder, binaries, options)
    }

    /// Starts the server on its data.
    fn run(folder: &Path, binaries: &Path, options: &Options) -> Result<Self, String> {
        write(&folder.join("pg_hba.conf"), &options.hba())?;
        if let Some(certificate) = &options.certificate {
            write(&folder.join("server.crt"), &certificate.certificate)?;
            write(&folder.join("server.key"), &certificate.key)?;
        }
        // The port was free a moment ago: another process may have been faster.
        let mut last = String::new();
        for _ in 0..5 {
            let port = free_port();
            let command = server_command(folder, binaries, options, port);
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(KEEPER).arg("sh").arg(folder);
            shell.arg(command.get_program()).args(command.get_args());
            let mut shell = shell
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                // Ctrl-C, and a test runner that kills a test's group, must not reach it.
                .process_group(0)
                .spawn()
                .map_err(|error| format!("sh: {error}"))?;
            let answers = BufReader::new(shell.stdout.take().expect("piped"));
            let keeper = Mutex::new(Keeper { shell, answers });
            let cluster = Self { folder: folder.to_owned(), port, keeper };
            match cluster.wait() {
                Ok(()) => return Ok(cluster),
                Err(log) => {
                    last = log;
                    cluster.give_up();
                }
            }
        }
        Err(last)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn stop(&self) {
        self.tell("stop");
    }

    pub(super) fn start_again(&self) {
        self.tell("start");
        self.wait().expect("start the cluster again");
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let input = keeper.shell.stdin.as_mut().expect("piped");
        writeln!(input, "{word}").expect("tell the cluster's keeper");
        let mut answer = String::new();
        keeper.answers.read_line(&mut answer).expect("hear the cluster's keeper");
    }

    /// Until the server says in its own folder that it is ready, so that no other is mistaken for it.
    fn wait(&self) -> Result<(), String> {
        let begin = Instant::now();
        loop {
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid"));
            let state = state.unwrap_or_default();
            if matches!(state.lines().nth(7).map(str::trim), Some("ready" | "standby")) {
                return Ok(());
            }
            let log = self.log();
            if log.contains("FATAL:  could not") || begin.elapsed() > Duration::from_secs(60) {
                return Err(format!("the server does not start: {log}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the server but leaves the folder for another try.
    fn give_up(self) {
        self.tell("stop");
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = keeper.shell.kill();
        let _ = keeper.shell.wait();
        drop(keeper);
        let _ = fs::remove_file(self.folder.join("log"));
        std::mem::forget(self);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(keeper.shell.stdin.take());
        let _ = keeper.shell.wait();
    }
}

fn server_command(folder: &Path, binaries: &Path, options: &Options, port: u16) -> Command {
    let mut command = as_server_user(&binaries.join("postgres"));
    command.arg("-D").arg(folder.join("data"));
    command.arg("-k").arg(folder).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    command.arg("-c").arg(format!("hba_file={}", folder.join("pg_hba.conf").display()));
    if options.certificate.is_some() {
        let file = |name: &str| folder.join(name).display().to_string();
        command.args(["-c", "ssl=on"]);
        command.args(["-c", &format!("ssl_cert_file={}", file("server.crt"))]);
        command.args(["-c", &format!("ssl_key_file={}", file("server.key"))]);
    }
    for setting in options.settings() {
        command.args(["-c", setting]);
    }
    command
}

/// The folder of `initdb` and `postgres`.
fn binaries() -> Result<PathBuf, String> {
    let mut candidates = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        candidates.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<_> = versions.flatten().map(|entry| entry.path()).collect();
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        versions.sort_by_key(|path| std::cmp::Reverse(number(path)));
        candidates.extend(versions.into_iter().map(|path| path.join("bin")));
    }
    candidates.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    candidates
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .ok_or_else(|| {
            "no `initdb` and `postgres` by pg_config, in /usr/lib/postgresql or PATH".into()
        })
}

/// A new folder that the server's user owns; its path is short enough for a socket.
fn folder() -> Result<PathBuf, String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = env::temp_dir().join(format!("{FOLDER_PREFIX}{}-{count}", std::process::id()));
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir(&path).map_err(at)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).map_err(at)?;
    give_to_server_user(&path)?;
    Ok(path)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::write(path, text).map_err(at)?;
    // A key that others may read is refused by the server.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(at)?;
    give_to_server_user(path)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Postgres refuses to run as root: then it runs as the user `postgres`.
pub(super) fn as_server_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

pub(super) fn give_to_server_user(path: &Path) -> Result<(), String> {
    if !is_root() {
        return Ok(());
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = user.ok_or("there is no user `postgres` to run the server as")?.split(':');
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
    let (user, group) = (number(fields.nth(2)), number(fields.next()));
    chown(path, user, group).map_err(|error| format!("chown {}: {error}", path.display()))
}

/// Ends and removes clusters whose test process and whose keeper were both killed.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(FOLDER_PREFIX));
        let owner = owner.and_then(|rest| rest.split('-').next());
        let Some(owner) = owner.filter(|owner| owner.parse::<u32>().is_ok()) else { continue };
        if !Path::new("/proc/self").exists() || Path::new("/proc").join(owner).exists() {
            continue;
        }
        let folder = entry.path();
        let state = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        let pid = state.lines().next().unwrap_or_default().trim().to_owned();
        // The number may belong to someone else by now: the server has the folder in its command.
        let command = fs::read(Path::new("/proc").join(&pid).join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        if !pid.is_empty() && command.contains(&folder.display().to_string()) {
            let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        }
        let _ = fs::remove_dir_all(folder);
    }
}
