//! The real binary, run in a folder.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// How a run ended.
pub struct Run {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// `idgraph` with arguments, in a folder, without this process's settings for it.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env_clear();
    for kept in ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// Runs to the end.
pub fn idgraph(folder: &Path, arguments: &[&str]) -> Run {
    finish(command(folder, arguments))
}

/// Runs a command to the end.
pub fn finish(mut command: Command) -> Run {
    let output = command.output().expect("run idgraph");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Run {
    /// All went well.
    #[track_caller]
    pub fn fine(self) -> Self {
        self.exits(0)
    }

    /// It ended with this exit code, and without a panic.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Its messages hold these words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in:\n{}", self.stderr);
        }
        self
    }
}

/// A run that is under way.
pub struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    heard: String,
}

impl Running {
    /// Starts a command.
    pub fn start(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start idgraph");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        Self { child, stderr, heard: String::new() }
    }

    /// Waits until a line with these words is on stderr.
    #[track_caller]
    pub fn hears(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            let read = self.stderr.read_line(&mut line).expect("stderr");
            assert!(read > 0, "it ended without `{words}`:\n{}", self.heard);
            self.heard.push_str(&line);
        }
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Run {
        let (mut stdout, mut stderr) = (String::new(), self.heard);
        self.stderr.read_to_string(&mut stderr).expect("stderr");
        let piped = self.child.stdout.as_mut().expect("piped");
        piped.read_to_string(&mut stdout).expect("stdout");
        Run { code: self.child.wait().expect("a child").code(), stdout, stderr }
    }
}
