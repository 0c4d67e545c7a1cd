//! Inputs and findings by kind.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::job::{Outcome, Sort};
use crate::kinds::Kind;

const SORTS: [Sort; 7] = [
    Sort::Panic,
    Sort::Hang,
    Sort::Memory,
    Sort::Signal,
    Sort::ExitCode,
    Sort::HalfWritten,
    Sort::NotRepeatable,
];

/// Of one kind.
#[derive(Default)]
struct Counts {
    inputs: AtomicU64,
    accepted: AtomicU64,
    learned: AtomicU64,
    findings: [AtomicU64; SORTS.len()],
}

#[derive(Default)]
pub struct Figures([Counts; Kind::ALL.len()]);

impl Figures {
    pub fn count(&self, kind: Kind, outcome: &Outcome) {
        let counts = self.of(kind);
        counts.inputs.fetch_add(1, Ordering::Relaxed);
        if outcome.code == Some(0) {
            counts.accepted.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(finding) = &outcome.finding {
            let index = SORTS.iter().position(|sort| *sort == finding.sort).expect("a sort");
            counts.findings[index].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn learned(&self, kind: Kind) {
        self.of(kind).learned.fetch_add(1, Ordering::Relaxed);
    }

    /// All kinds in one line.
    pub fn line(&self) -> String {
        let sum = |of: &dyn Fn(&Counts) -> u64| self.0.iter().map(of).sum::<u64>();
        let mut line = format!("{} inputs", sum(&|counts| get(&counts.inputs)));
        for (index, sort) in SORTS.iter().enumerate() {
            let count = sum(&|counts| get(&counts.findings[index]));
            line.push_str(&format!(", {count} {}", sort.name()));
        }
        line
    }

    fn of(&self, kind: Kind) -> &Counts {
        &self.0[Kind::ALL.iter().position(|other| *other == kind).expect("a kind")]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "  {:<10} {:>8} {:>8} {:>8}", "kind", "inputs", "exit 0", "learned")?;
        for sort in SORTS {
            write!(formatter, " {:>14}", sort.name())?;
        }
        writeln!(formatter)?;
        for (kind, counts) in Kind::ALL.iter().zip(&self.0) {
            let (inputs, accepted) = (get(&counts.inputs), get(&counts.accepted));
            let learned = get(&counts.learned);
            write!(formatter, "  {:<10} {inputs:>8} {accepted:>8} {learned:>8}", kind.name())?;
            for count in &counts.findings {
                write!(formatter, " {:>14}", get(count))?;
            }
            writeln!(formatter)?;
        }
        write!(formatter, "  {}", self.line())
    }
}

fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}
