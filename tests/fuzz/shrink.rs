//! The smallest input that shows the same: parts are taken out as long as it does.

use std::time::{Duration, Instant};

use crate::job::{Finding, run};
use crate::kinds::{Command, Input, Kind};

/// So long it tries, at most.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn smallest(kind: Kind, input: &Input, command: &Command, finding: &Finding) -> Input {
    let begin = Instant::now();
    let mut best = input.clone();
    if best.instead.is_some() {
        return best;
    }
    let mut size = best.bytes.len().div_ceil(2);
    while size > 0 && begin.elapsed() < PATIENCE {
        let mut start = 0;
        while start < best.bytes.len() && begin.elapsed() < PATIENCE {
            let mut fewer = best.clone();
            let end = (start + size).min(fewer.bytes.len());
            fewer.bytes.drain(start..end);
            if run(kind, &fewer, command).finding.as_ref() == Some(finding) {
                best = fewer;
            } else {
                start += size;
            }
        }
        size /= 2;
    }
    best
}
