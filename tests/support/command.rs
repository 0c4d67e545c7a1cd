//! The real binary, run in a folder.

use std::path::Path;
use std::process::{Command, Stdio};

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
