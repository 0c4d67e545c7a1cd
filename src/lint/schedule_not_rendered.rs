//! A schedule that a dialect of the project has no statement for.

use super::{Rule, Subject};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    slug: "schedule-not-rendered",
    severity: Severity::Warning,
    about: "a schedule that the warehouse of a dialect does not run",
    find,
};

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(schedule) = &subject.project.schedule else { return Vec::new() };
    let unable = subject.dialects.iter().filter(|dialect| !dialect.facts.can.schedule);
    let titles: Vec<&str> = unable.map(|dialect| dialect.facts.title.as_str()).collect();
    if titles.is_empty() {
        return Vec::new();
    }
    vec![
        rule.finding(format!("nothing runs by this schedule on {}", titles.join(", ")))
            .at(&schedule.place, "rendered for other dialects alone")
            .note("idgraph knows of no schedule there that SQL can make")
            .help("run `idgraph refresh`, or the rendered files, by the clock of another program: cron, Airflow, a job of the vendor's")
            .help("then allow this and say which: `# idgraph: allow schedule-not-rendered …`"),
    ]
}
