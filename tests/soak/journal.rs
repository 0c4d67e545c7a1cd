//! What happened in a space, in the order of time; and the problems, which are saved with it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use std::{env, fs};

/// So many lines are kept; a round has fewer.
const LINES: usize = 50_000;

/// So many problems of one sort are saved; more are counted.
const SAVED: usize = 3;

pub struct Journal {
    begin: Instant,
    lines: Mutex<VecDeque<String>>,
    folder: PathBuf,
    /// By the first line of what was said, without its numbers: how many.
    problems: Mutex<BTreeMap<String, usize>>,
}

impl Journal {
    pub fn new(engine: &str, seed: u64) -> Self {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.join("soak").join(format!("{engine}-{seed}"));
        Self { begin: Instant::now(), lines: Mutex::default(), folder, problems: Mutex::default() }
    }

    /// Something that happened.
    pub fn note(&self, what: impl AsRef<str>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(format!("{:9.3} {}", self.begin.elapsed().as_secs_f64(), what.as_ref()));
        if lines.len() > LINES {
            lines.pop_front();
        }
    }

    /// What happened in a space does not explain what happens in the next.
    pub fn forget(&self) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A problem: printed, and saved with what led to it. `state` is what else helps, such as all rows.
    pub fn problem(&self, what: &str, state: &str) {
        self.note(format!("PROBLEM {what}"));
        let shown: Vec<&str> = what.lines().take(12).collect();
        let sort = shown.first().copied().unwrap_or_default();
        let sort = sort.chars().filter(|char| !char.is_ascii_digit()).collect();
        let (of_sort, number) = {
            let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
            let of_sort = problems.entry(sort).or_default();
            *of_sort += 1;
            (*of_sort, problems.values().sum::<usize>())
        };
        if of_sort > SAVED {
            return;
        }
        say(&format!("PROBLEM {number}: {}", shown.join("\n  ")));
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let log = lines.iter().fold(String::new(), |mut log, line| {
            let _ = writeln!(log, "{line}");
            log
        });
        drop(lines);
        let file = self.folder.join(format!("problem-{number}.txt"));
        let text = format!("{what}\n\n=== what happened\n{log}\n=== state\n{state}\n");
        let written = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&file, text));
        match written {
            Ok(()) => say(&format!("  saved as {}", file.display())),
            Err(error) => say(&format!("  not saved: {error}")),
        }
    }

    /// All sorts of problems, with how many of each.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.iter().map(|(sort, count)| format!("{count} × {sort}")).collect()
    }
}

/// Past the test harness, which keeps `eprintln!` to itself without `--nocapture`.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
