//! One input, run: in a project of its own, with limits, and what came of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::kinds::{Command, Input, Kind};

/// What is said when the limit is reached: by Rust when it gives up, and in our own messages when it does not.
const MEMORY_IS_OUT: [&str; 3] =
    ["memory allocation of", "out of memory", "Cannot allocate memory"];

/// Of address space, in KiB.
const MEMORY: u64 = 1024 * 1024;

/// Of processor time: what needs more hangs. Of a busy machine the clock says little, and a build for debugging is slow.
const SECONDS: u64 = if cfg!(debug_assertions) { 40 } else { 10 };

/// Of the clock, for what waits and computes nothing.
const WAITS: Duration = Duration::from_secs(45);

/// So much of what it says is read.
const READ: u64 = 1024 * 1024;

/// Of a file's size, in blocks of 512 bytes.
const BLOCKS: u64 = 400_000;

/// What is wrong with how it ended: the sort, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub sort: Sort,
    pub place: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Panic,
    Hang,
    Memory,
    Signal,
    ExitCode,
    HalfWritten,
    NotRepeatable,
}

impl Sort {
    pub fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Hang => "hang",
            Self::Memory => "memory",
            Self::Signal => "signal",
            Self::ExitCode => "exit-code",
            Self::HalfWritten => "half-written",
            Self::NotRepeatable => "not-repeatable",
        }
    }
}

pub struct Outcome {
    pub finding: Option<Finding>,
    /// None when a signal ended it.
    pub code: Option<i32>,
    /// Its output and its messages.
    pub said: String,
}

type Files = BTreeMap<String, Vec<u8>>;

/// Runs a command on an input.
pub fn run(kind: Kind, input: &Input, command: &Command) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in kind.around(input) {
        write(&folder, &path, &bytes);
    }
    write(&folder, &input.path, &input.bytes);
    if let Some(instead) = input.instead {
        let path = folder.path().join(&input.path);
        fs::remove_file(&path).expect("remove");
        instead.make(&path);
    }
    if let Some(before) = command.before {
        let outcome = limited(folder.path(), before, input);
        if outcome.finding.is_some() {
            return outcome;
        }
    }
    let before = files(folder.path());
    let mut outcome = limited(folder.path(), &command.arguments, input);
    if outcome.finding.is_none() {
        let after = files(folder.path());
        outcome.finding = half_written(&before, &after, outcome.code);
    }
    if outcome.finding.is_none()
        && outcome.code == Some(0)
        && let Some(then) = command.then
    {
        let second = limited(folder.path(), then, input);
        if second.finding.is_some() {
            return second;
        }
        if second.code != Some(0) {
            let place = then.join(" ");
            let finding = Some(Finding { sort: Sort::NotRepeatable, place });
            return Outcome { finding, ..second };
        }
    }
    outcome
}

/// Runs `idgraph`, and says how it ended.
fn limited(folder: &Path, arguments: &[&str], input: &Input) -> Outcome {
    let mut said: File = tempfile::tempfile().expect("a file");
    let limits =
        format!("ulimit -v {MEMORY}; ulimit -t {SECONDS}; ulimit -f {BLOCKS}; exec \"$@\"");
    let mut process = Process::new("sh");
    process.args(["-c", &limits, "sh", env!("CARGO_BIN_EXE_idgraph")]);
    process.args(arguments.iter().map(|argument| match *argument {
        "DIALECT" => input.dialect.as_str(),
        other => other,
    }));
    process.current_dir(folder).stdin(Stdio::null());
    process.stdout(said.try_clone().expect("a file")).stderr(said.try_clone().expect("a file"));
    process.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut child = process.spawn().expect("start idgraph");
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break Some(status);
        }
        if begin.elapsed() > WAITS {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let mut bytes = Vec::new();
    said.rewind().expect("a file");
    (&said).take(READ).read_to_end(&mut bytes).expect("what it said");
    let said = String::from_utf8_lossy(&bytes).into_owned();
    let command = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let sort = match status.map(|status| (status.code(), status.signal())) {
        None => Some((Sort::Hang, command)),
        _ if MEMORY_IS_OUT.iter().any(|words| said.contains(words)) => {
            Some((Sort::Memory, command))
        }
        _ if said.contains("panicked at") => Some((Sort::Panic, panicked_at(&said))),
        // SIGXCPU, or SIGKILL where both of its limits are one.
        Some((_, Some(24 | 9))) => Some((Sort::Hang, command)),
        Some((_, Some(signal))) => Some((Sort::Signal, format!("{signal} {command}"))),
        Some((Some(0 | 1), _)) => None,
        Some((Some(2), _)) if said.contains("error") => None,
        Some((code, _)) => Some((Sort::ExitCode, format!("{code:?} {command}"))),
    };
    let finding = sort.map(|(sort, place)| Finding { sort, place });
    Outcome { finding, code: status.and_then(|status| status.code()), said }
}

/// `file.rs:line:column` of a panic.
fn panicked_at(said: &str) -> String {
    let rest = said.split("panicked at ").nth(1).unwrap_or_default();
    rest.lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}

/// A command that fails has written nothing; no command leaves what it wrote on the way.
fn half_written(before: &Files, after: &Files, code: Option<i32>) -> Option<Finding> {
    let at = |place: String| Some(Finding { sort: Sort::HalfWritten, place });
    for (name, bytes) in after {
        let is_new = before.get(name) != Some(bytes);
        let last = name.rsplit('/').next().unwrap_or_default();
        if is_new && (last.starts_with(".idgraph") || bytes.is_empty()) {
            return at(format!("left behind: {last}"));
        }
        if is_new && code == Some(2) {
            return at("written by a command that failed".to_owned());
        }
    }
    if code == Some(2) && before.keys().any(|name| !after.contains_key(name)) {
        return at("removed by a command that failed".to_owned());
    }
    None
}

fn write(folder: &TempDir, path: &str, bytes: &[u8]) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("write");
}

/// All files below a folder.
fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            let kind = fs::symlink_metadata(&path).expect("a file").file_type();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                found.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    found
}
