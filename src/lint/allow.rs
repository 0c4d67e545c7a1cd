//! `# idgraph: allow RULE reason` in the project file silences a rule on its line, or on the next one with a value; as
//! `-- idgraph: allow RULE reason` in front of a statement of a migration, there.

use super::{RULES, Rule, Subject};
use crate::diagnostic::{Diagnostic, Place, Severity, meant};
use crate::project::Comment;

pub(super) const UNKNOWN: Rule = Rule {
    slug: "allow-unknown-rule",
    severity: Severity::Error,
    about: "an allow that names no rule",
    find: unknown,
};

pub(super) const WITHOUT_REASON: Rule = Rule {
    slug: "allow-without-reason",
    severity: Severity::Error,
    about: "an allow without a reason",
    find: without_reason,
};

pub(super) const UNUSED: Rule = Rule {
    slug: "allow-unused",
    severity: Severity::Warning,
    about: "an allow that silences nothing",
    // Known once all other rules have been heard: see `apply`.
    find: |_, _| Vec::new(),
};

/// A comment that allows something.
struct Allow {
    rule: String,
    reason: String,
    place: Place,
    /// The line that it speaks of.
    line: usize,
    /// What begins a comment there.
    sign: &'static str,
}

impl Allow {
    fn read(comment: &Comment) -> Option<Self> {
        let (line, _) = comment.place.start();
        let line = if comment.alone { next_line(&comment.place, line) } else { line };
        Self::of(&comment.text, &comment.place, line, "#")
    }

    fn of(text: &str, place: &Place, line: usize, sign: &'static str) -> Option<Self> {
        let rest = text.strip_prefix("idgraph:")?.trim_start().strip_prefix("allow")?;
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            return None;
        }
        let (rule, reason) = match rest.trim().split_once([' ', '\t']) {
            Some((rule, reason)) => (rule.to_owned(), reason.trim().to_owned()),
            None => (rest.trim().to_owned(), String::new()),
        };
        Some(Self { rule, reason, place: place.clone(), line, sign })
    }

    /// All of a project: those in its file, and those of the migrations that are looked at.
    fn all(subject: &Subject<'_>) -> Vec<Self> {
        let comments = subject.project.comments();
        let mut all: Vec<Self> = comments.iter().filter_map(Self::read).collect();
        let newest = subject.migrations.iter().filter_map(|one| one.files.last());
        for one in newest.flat_map(|file| &file.statements) {
            let (line, _) = one.place.start();
            let allows = one.directives.allows.iter();
            all.extend(allows.filter_map(|(text, place)| Self::of(text, place, line, "--")));
        }
        all
    }

    fn is_sound(&self) -> bool {
        !self.reason.is_empty() && RULES.iter().any(|rule| rule.slug == self.rule)
    }
}

/// The next line that is neither blank nor a comment.
fn next_line(place: &Place, line: usize) -> usize {
    let lines = place.source.text.lines().enumerate().skip(line);
    let mut meant = lines.filter(|(_, text)| {
        let text = text.trim_start();
        !text.is_empty() && !text.starts_with('#')
    });
    meant.next().map_or(line, |(index, _)| index + 1)
}

/// Takes out what is allowed, and adds each allow that silences nothing.
pub(super) fn apply(subject: &Subject<'_>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let allows = Allow::all(subject).into_iter().filter(Allow::is_sound);
    let mut allows: Vec<(Allow, bool)> = allows.map(|allow| (allow, false)).collect();
    let mut kept = Vec::new();
    for one in found {
        let at = one.place().map(|place| (&place.source.name, place.start().0));
        let mut is_allowed = false;
        for (allow, is_used) in &mut allows {
            if allow.rule == one.code() && Some((&allow.place.source.name, allow.line)) == at {
                (*is_used, is_allowed) = (true, true);
            }
        }
        if !is_allowed {
            kept.push(one);
        }
    }
    for (allow, _) in allows.iter().filter(|(_, is_used)| !is_used) {
        kept.push(
            UNUSED
                .finding(format!("there is nothing to allow: `{}` finds nothing here", allow.rule))
                .at(&allow.place, "")
                .note("it speaks of its own line, or alone on a line of the next one that is no comment")
                .help("remove it, or move it to the line that the rule reports"),
        );
    }
    kept
}

fn unknown(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let allows = Allow::all(subject).into_iter();
    let names: Vec<&str> = RULES.iter().map(|rule| rule.slug).collect();
    allows
        .filter(|allow| !names.contains(&allow.rule.as_str()))
        .map(|allow| {
            let message = match allow.rule.as_str() {
                "" => "this allow names no rule".to_owned(),
                name => format!("there is no rule `{name}`"),
            };
            rule.finding(message).at(&allow.place, "").help(meant(&allow.rule, &names))
        })
        .collect()
}

fn without_reason(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let allows = Allow::all(subject).into_iter();
    allows
        .filter(|allow| allow.reason.is_empty() && RULES.iter().any(|one| one.slug == allow.rule))
        .map(|allow| {
            rule.finding(format!("`{}` is allowed without a reason", allow.rule))
                .at(&allow.place, "")
                .note("who reads it next year has to know whether it still holds; until it has a reason it allows nothing")
                .help(format!("{} idgraph: allow {} the reason in a few words", allow.sign, allow.rule))
        })
        .collect()
}
