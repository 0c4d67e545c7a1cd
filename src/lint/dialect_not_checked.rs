//! Dialects that are rendered and that nothing in the project executes.

use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    slug: "dialect-not-checked",
    severity: Severity::Warning,
    about: "a dialect that the project renders and no target runs",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let engines: Vec<String> = crate::engine::known().into_iter().map(|one| one.name).collect();
    let project = subject.project;
    let runs = |name: &str| project.targets.values().any(|target| target.engine.value == name);
    let unchecked = project.dialects.iter().filter(|dialect| !runs(&dialect.value));
    unchecked
        .map(|dialect| {
            let name = &dialect.value;
            let found = rule
                .finding(format!("`{name}` is rendered and never checked"))
                .at(&dialect.place, "no target runs it")
                .note("that a statement parses does not prove that the warehouse takes it");
            if engines.contains(name) {
                found.help(format!("add a target of engine `{name}`, if only a small one for tests"))
            } else {
                found.help("idgraph cannot run it: have the files run once where it does no harm, and allow this with a word on where")
            }
        })
        .collect()
}
