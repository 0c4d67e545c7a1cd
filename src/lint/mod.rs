//! Checks of a project that is no mistake: what will go wrong later, each with a name, a reason and a way out.
//!
//! An error is certain to lose data or to stop others; a warning goes by names or by what usually holds.

mod allow;
mod close_names;
mod dialect_not_checked;
mod full_table_lock;
mod lookback_too_short;
mod lossy_type;
mod model_not_refreshed;
mod newest;
mod pii_untagged;
mod recursion_limit;
mod reserved_word;
mod schedule_not_rendered;
mod table_rewrite;
mod words;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::dialect::Dialect;
use crate::migrate::MigrationFile;
use crate::project::{Column, Project};

/// A check with a name.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, which is the code of what it finds and the name of its page under `docs/rules/`.
    pub slug: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub about: &'static str,
    find: fn(&Rule, &Subject<'_>) -> Vec<Diagnostic>,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The project.
    pub project: &'a Project,
    /// The dialects that it renders.
    pub dialects: &'a [Dialect],
    /// The migrations of those that have any.
    pub migrations: &'a [Migrations<'a>],
}

/// The migrations of a dialect.
#[derive(Debug)]
pub struct Migrations<'a> {
    /// The dialect.
    pub dialect: &'a Dialect,
    /// Its migrations, in order.
    pub files: Vec<MigrationFile>,
}

/// All rules, by name.
pub const RULES: &[Rule] = &[
    allow::UNKNOWN,
    allow::UNUSED,
    allow::WITHOUT_REASON,
    close_names::RULE,
    dialect_not_checked::RULE,
    full_table_lock::RULE,
    lookback_too_short::RULE,
    lossy_type::RULE,
    model_not_refreshed::RULE,
    pii_untagged::RULE,
    recursion_limit::RULE,
    reserved_word::RULE,
    schedule_not_rendered::RULE,
    table_rewrite::RULE,
];

impl Rule {
    /// Something that it found.
    fn finding(&self, message: impl Into<String>) -> Diagnostic {
        match self.severity {
            Severity::Error => Diagnostic::error(self.slug, message),
            Severity::Warning => Diagnostic::warning(self.slug, message),
            Severity::Information => Diagnostic::information(self.slug, message),
        }
    }
}

/// What the rules find and no comment allows, in the order of the project file, then of migrations.
pub fn lint(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let found = RULES.iter().flat_map(|rule| (rule.find)(rule, subject)).collect();
    let mut kept = allow::apply(subject, found);
    let project = &subject.project.source.name;
    kept.sort_by_cached_key(|one| {
        let file = one.place().map(|place| &place.source.name);
        let file = file.filter(|file| *file != project).cloned();
        (file, one.place().map_or(0, |place| place.span.start), one.code())
    });
    kept
}

/// A column that the project configures, and where.
struct Named<'a> {
    column: &'a Column,
    /// What it is of an event or of all, in a word.
    kind: &'static str,
    event: Option<&'a str>,
}

impl Named<'_> {
    /// Where it stands, in words.
    fn what(&self) -> String {
        let of = self.event.map(|event| format!(" of `{event}`")).unwrap_or_default();
        format!("the {} `{}`{of}", self.kind, self.column.key)
    }
}

/// The columns that the project configures: traits, context fields, properties.
fn columns(project: &Project) -> impl Iterator<Item = Named<'_>> {
    let traits = project.traits.iter().map(|column| Named { column, kind: "trait", event: None });
    let context =
        project.context.iter().map(|column| Named { column, kind: "context field", event: None });
    let properties = project.events.iter().flat_map(|event| {
        let event_name = Some(event.name.as_str());
        let properties = event.properties.iter();
        properties.map(move |column| Named { column, kind: "property", event: event_name })
    });
    traits.chain(context).chain(properties)
}

/// The place of a default: where the project begins.
fn or_space<'a>(project: &'a Project, place: &'a Place) -> &'a Place {
    if place.span.is_empty() { &project.space.place } else { place }
}
