//! Locks that keep others out of a whole table for as long as rows are worked on.

use std::collections::BTreeSet;

use super::newest::{Does, newest};
use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dialect::Stops;

pub(super) const RULE: Rule = Rule {
    slug: "full-table-lock",
    severity: Severity::Warning,
    about: "a migration that keeps a live table locked while it works on rows",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for migration in newest(subject) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (index, one) in migration.statements.iter().enumerate() {
            let (Some(object), Some(lock)) = (&one.doing.object, &one.doing.lock) else { continue };
            // What is written anew as a whole is another rule's.
            let is_rewrite = one.doing.rewrites && one.is_large;
            if is_rewrite || !keeps_out(one) || told.contains(object.as_str()) {
                continue;
            }
            // To the end of the transaction, which without one is that of the statement.
            let end = if migration.in_transaction { migration.statements.len() } else { index + 1 };
            let held = migration.statements.get(index..end).unwrap_or_default();
            // A lock that is taken and let go is no more than a hitch.
            let Some(slow) = held.iter().find(|one| one.doing.is_open) else { continue };
            told.insert(object);
            let message = format!("{object} stays locked while rows are read and written");
            let finding = rule
                .finding(message)
                .at(&one.statement.place, format!("takes {lock}"))
                .note(format!("{} until the transaction ends", one.doing.stops.words()));
            let finding = match slow.statement.place.start() == one.statement.place.start() {
                true => finding,
                false => finding
                    .and_at(&slow.statement.place, "and this takes longer the more rows there are"),
            };
            found.push(
                finding
                    .help("put the lock and the work on rows into two migrations, then run `idgraph migrate sum`")
                    .help("where a wait does no harm: -- idgraph: allow full-table-lock the reason"),
            );
        }
    }
    found
}

/// Whether it keeps out those who use the table: readers, or of a landed table Segment, which loads into it.
fn keeps_out(one: &Does<'_>) -> bool {
    match one.doing.stops {
        Stops::Everybody => true,
        Stops::Writers => one.is_landed,
        Stops::Nobody => false,
    }
}
