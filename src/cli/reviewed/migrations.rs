//! The migrations that a change adds: what they take away, who waits for them, what they write anew.

use crate::cli::output::{about, printable};
use crate::dialect::Stops;
use crate::preview::{Risk, worth};
use crate::project::words::many;
use crate::review::{MigrationAdded, Review};

/// A line about a migration.
pub(super) struct Line {
    /// 0 for a migration, 1 for something to mind about it.
    pub(super) depth: usize,
    /// The line.
    pub(super) text: String,
}

/// What the migrations do, those that take something away first; `code` marks names.
pub(super) fn lines(review: &Review, code: &dyn Fn(&str) -> String) -> Vec<Line> {
    let mut all: Vec<&MigrationAdded> = review.migrations.iter().collect();
    all.sort_by_key(|one| one.destructive.is_empty());
    let mut lines = Vec::new();
    for one in all {
        lines.push(Line { depth: 0, text: what(one, code) });
        lines.extend(minded(one, code).into_iter().map(|text| Line { depth: 1, text }));
    }
    let mut risks = review.migrations.iter().flat_map(|one| &one.risks);
    let is_timed = |risk: &Risk| {
        matches!(risk, Risk::Lock { seconds: Some(_), .. } | Risk::Rewrite { seconds: Some(_), .. })
    };
    if let Some(rows_from) = review.rows_from.filter(|_| risks.any(is_timed)) {
        lines.push(Line { depth: 0, text: worth(rows_from) });
    }
    if review.migration_wanted {
        let text = format!("none yet: {} writes it", code("idgraph migrate new"));
        lines.push(Line { depth: 0, text });
    }
    lines
}

/// What a migration is: its file, its length, what it takes away.
fn what(one: &MigrationAdded, code: &dyn Fn(&str) -> String) -> String {
    let statements = if one.statements == 1 { "statement" } else { "statements" };
    let mut line = format!("{}: {} {statements}", code(&printable(&one.file)), one.statements);
    let taken = |is_made_anew: bool| {
        let taken = one.risks.iter().filter_map(|risk| match risk {
            Risk::Destructive { object, comes_back, .. } if *comes_back == is_made_anew => {
                Some(code(&printable(object)))
            }
            _ => None,
        });
        taken.collect::<Vec<_>>().join(", ")
    };
    for (objects, word) in [(taken(false), "takes away"), (taken(true), "drops and makes anew")] {
        if !objects.is_empty() {
            line.push_str(&format!(", {word} {objects}"));
        }
    }
    if !one.in_transaction {
        line.push_str(", without a transaction");
    }
    if !one.has_way_back {
        line.push_str(", no way back");
    }
    line
}

/// The objects that others wait for in the same way, and for how long at most.
struct Waiting<'a> {
    how: (&'a str, Stops),
    objects: Vec<String>,
    seconds: Option<f64>,
}

/// What to mind about a migration besides what it takes away: whom it keeps waiting, what it writes anew.
pub(super) fn minded(one: &MigrationAdded, code: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    let mut lines = Vec::new();
    for risk in &one.risks {
        match risk {
            Risk::Lock { object, lock, stops, seconds, .. } => {
                let how = (lock.as_str(), *stops);
                let object = code(&printable(object));
                match waiting.iter_mut().find(|one| one.how == how) {
                    Some(known) => {
                        known.objects.push(object);
                        known.seconds =
                            known.seconds.zip(*seconds).map(|(one, other)| one.max(other));
                    }
                    None => {
                        waiting.push(Waiting { how, objects: vec![object], seconds: *seconds });
                    }
                }
            }
            Risk::Rewrite { object, rows, seconds, .. } => {
                let size = rows.zip(*seconds);
                let size = size.map_or(String::new(), |(rows, seconds)| {
                    format!(": {}, {}", many(rows, "row"), about(seconds))
                });
                let object = code(&printable(object));
                lines.push(format!("writes {object} anew as a whole{size}"));
            }
            Risk::Destructive { .. } | Risk::NoTransaction { .. } => {}
        }
    }
    let locks = waiting.into_iter().map(|one| {
        let (lock, stops) = one.how;
        let time = one.seconds.map_or("for how long is not known".to_owned(), about);
        let objects = listed(&one.objects);
        format!("{lock} on {objects}: {}, {time}", stops.words())
    });
    locks.chain(lines).collect()
}

/// Names of objects; beyond a few they are counted.
fn listed(objects: &[String]) -> String {
    let mut shown: Vec<String> = objects.iter().take(super::COLUMNS).cloned().collect();
    if let Some(more) = objects.len().checked_sub(super::COLUMNS).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
