//! What was done and what was seen, in numbers.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A count that all threads add to.
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! figures {
    ($($name:ident: $label:literal,)*) => {
        /// One run's figures.
        #[derive(Default)]
        pub struct Figures {
            $(pub $name: Count,)*
        }

        impl fmt::Display for Figures {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(writeln!(formatter, "  {:<42} {:>9}", $label, self.$name.get())?;)*
                Ok(())
            }
        }
    };
}

figures! {
    spaces: "spaces",
    rounds: "rounds",
    landed: "rows landed",
    restamped: "rows re-stamped in place",
    deleted: "rows of deleted profiles",
    add_columns: "ADD COLUMN",
    restarts: "restarts of the server",
    runs: "runs of refresh and apply",
    through_pgbouncer: "of them through PgBouncer",
    fine: "runs that ended well",
    kills: "runs killed",
    cut_off: "runs and files cut off by a restart",
    locked_out: "runs that waited too long for a lock",
    files: "rendered files run to their end",
    files_killed: "rendered files killed",
    deadlocks: "deadlocks",
    not_serializable: "could not serialize access",
    looks: "looks",
    doubled: "doubled rows seen",
    half_written: "half-written rows seen",
    compared: "rows compared with the model",
    lost: "rows that the model has and the table not",
    too_many: "rows that the table has and the model not",
    problems: "problems",
}
