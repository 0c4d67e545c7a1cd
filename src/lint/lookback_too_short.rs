//! A lookback that forgets rows which landed one sync late.

use super::{Rule, Subject, or_space};
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::Materialization;

pub(super) const RULE: Rule = Rule {
    slug: "lookback-too-short",
    severity: Severity::Error,
    about: "a lookback shorter than the time between two syncs",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let project = subject.project;
    let is_incremental =
        |choice: &crate::project::ModelChoice| choice.materialized == Materialization::Incremental;
    let (lookback, every) = (&project.lookback, &project.sync_every);
    if !project.models.iter().any(is_incremental) || lookback.value >= every.value {
        return Vec::new();
    }
    let length = length(every.value);
    let place = if lookback.place.span.is_empty() { &every.place } else { &lookback.place };
    let diagnostic = rule
        .finding(format!("the lookback is shorter than the {length} between two syncs"))
        .at(or_space(project, place), "");
    let diagnostic = if every.place.span.is_empty() {
        diagnostic.note("Profiles Sync lands every hour; `incremental.sync_every` says otherwise")
    } else {
        diagnostic
    };
    vec![
        diagnostic
            .note("a table whose sync fails lands those rows with the next one; by then a refresh no longer reads that far back, and misses them until `idgraph refresh --full`")
            .help(format!("write a lookback of several syncs, at least `{length}`")),
    ]
}

/// Seconds as the project file writes them.
fn length(seconds: u64) -> String {
    for (unit, letter) in [(24 * 60 * 60, 'd'), (60 * 60, 'h')] {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return format!("{}{letter}", seconds / unit);
        }
    }
    format!("{}m", seconds / 60)
}
