//! Statements that write a whole large table anew.

use super::newest::newest;
use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    slug: "table-rewrite",
    severity: Severity::Warning,
    about: "a migration that writes a large table anew as a whole",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for one in newest(subject).into_iter().flat_map(|one| one.statements) {
        let Some(object) = one.doing.object.as_ref().filter(|_| one.doing.rewrites && one.is_large)
        else {
            continue;
        };
        let finding = rule
            .finding(format!("all of {object} is written anew"))
            .at(&one.statement.place, "")
            .note("the table grows with what lands: it takes its room twice, and a time that grows with it");
        let finding = match &one.doing.lock {
            Some(lock) => finding.note(format!("{lock}: {} meanwhile", one.doing.stops.words())),
            None => finding,
        };
        found.push(
            finding
                .help("add a column beside the old one, and fill it in a migration of its own")
                .help("where a wait does no harm: -- idgraph: allow table-rewrite the reason"),
        );
    }
    found
}
