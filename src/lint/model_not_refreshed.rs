//! Tables that no target of the project refreshes.
//!
//! Which schedule runs outside of the project cannot be known from its file. That no `idgraph refresh` can be run at
//! all can: without a target there is nothing to run it on.

use super::{Rule, Subject, or_space};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    slug: "model-not-refreshed",
    severity: Severity::Warning,
    about: "a model that is kept as a table while the project has no target to refresh",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let project = subject.project;
    // Where a schedule is not rendered, another rule says so.
    if !project.targets.is_empty() || project.schedule.is_some() {
        return Vec::new();
    }
    let tables = project.models.iter().filter(|one| !one.materialized.is_query());
    let names: Vec<String> = tables.clone().map(|one| format!("`{}`", one.model.name())).collect();
    // One message: they are refreshed together.
    let Some(first) =
        tables.clone().find(|one| !one.place.span.is_empty()).or(tables.clone().next())
    else {
        return Vec::new();
    };
    vec![
        rule.finding(format!("nobody is known to refresh {}", names.join(", ")))
            .at(or_space(project, &first.place), "the project has no `targets`")
            .note("a table stays as it was built while new rows land; only a view is always up to date")
            .help("add the target that `idgraph refresh` runs on, or make them views")
            .help("when a schedule runs the rendered files, allow this and say which: `# idgraph: allow model-not-refreshed …`"),
    ]
}
