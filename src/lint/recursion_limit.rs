//! A graph that is computed by a recursion which the warehouse stops.

use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dialect::Dialect;
use crate::project::{Model, ModelChoice};

pub(super) const RULE: Rule = Rule {
    slug: "recursion-limit",
    severity: Severity::Warning,
    about: "a graph as a view where the warehouse stops a recursion",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let is_graph = |one: &&ModelChoice| one.model == Model::IdGraph && one.materialized.is_query();
    let Some(graph) = subject.project.models.iter().find(is_graph) else { return Vec::new() };
    let is_limited = |dialect: &&Dialect| {
        dialect.facts.recursion.max_levels > 0 && dialect.facts.can.recurse_in_views
    };
    let limited = subject.dialects.iter().filter(is_limited);
    let found = limited.map(|dialect| {
        let (title, recursion) = (&dialect.facts.title, &dialect.facts.recursion);
        let levels = recursion.max_levels;
        rule.finding(format!("{title} stops the recursion of `id_graph` after {levels} levels"))
            .at(&graph.place, "computed by recursion whenever it is read")
            .note("a level is a merge whose outcome Segment has not repeated for the profiles below it; one more, and nothing can be read")
            .see(&recursion.source)
            .help("make `id_graph` a table or incremental: it is built without recursion there")
    });
    found.collect()
}
