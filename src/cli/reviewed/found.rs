//! What a change does, as annotations on the lines of the project file.

use std::fmt::Write;

use super::{below, details, migrations, word};
use crate::cli::annotations;
use crate::diagnostic::{Diagnostic, Place, Result};
use crate::preview::Risk;
use crate::project::Project;
use crate::review::{MigrationAdded, ObjectDiff, Review, What};

/// What happens, each thing at the line that asks for it.
fn found(review: &Review, project: &Project) -> Vec<Diagnostic> {
    let file = Place { source: project.source.clone(), span: project.source.line(1) };
    let object = |one: &ObjectDiff| {
        let mut message = format!("{} is {}", one.name, word(one.what));
        let details = details(one, "");
        if !details.is_empty() {
            let _ = write!(message, ": {details}");
        }
        let place = one.at.as_ref().map_or(&file, |at| at.place());
        let mut diagnostic = Diagnostic::warning("changed", message).at(place, "");
        if one.rows_can_change && !one.only_gains_columns() {
            diagnostic = diagnostic.note("rows that are there already can change");
        }
        if !one.downstream.is_empty() {
            diagnostic = diagnostic.note(format!("computed from it: {}", below(one, "")));
        }
        diagnostic
    };
    let mut all: Vec<Diagnostic> =
        review.objects.iter().filter(|one| one.what != What::Text).map(object).collect();
    for one in &review.migrations {
        all.extend(minded(one, review, &file));
    }
    if review.migration_wanted {
        all.push(
            Diagnostic::warning("migration-wanted", "the project changes without a migration")
                .at(&file, "")
                .help("write it with `idgraph migrate new`"),
        );
    }
    all
}

/// What to mind about a migration, at the lines that ask for the first object concerned.
fn minded(one: &MigrationAdded, review: &Review, file: &Place) -> Vec<Diagnostic> {
    let place = |about: &dyn Fn(&Risk) -> Option<&str>| {
        let mut objects = one.risks.iter().filter_map(about);
        let spot = objects.find_map(|name| {
            let of = |object: &&ObjectDiff| {
                name.strip_prefix(object.name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            review.objects.iter().find(of)?.at.as_ref()
        });
        spot.map_or(file, |spot| spot.place()).clone()
    };
    let mut all = Vec::new();
    if !one.destructive.is_empty() {
        let at = place(&|risk| match risk {
            Risk::Destructive { object, .. } => Some(object),
            _ => None,
        });
        let message = format!("{} takes away {}", one.file, one.destructive.join(", "));
        all.push(Diagnostic::warning("destructive", message).at(&at, ""));
    }
    let minded = migrations::minded(one, &str::to_owned);
    if !minded.is_empty() {
        let at = place(&|risk| match risk {
            Risk::Lock { object, .. } | Risk::Rewrite { object, .. } => Some(object),
            _ => None,
        });
        let message = format!("{}: {}", one.file, minded.join("; "));
        all.push(Diagnostic::warning("locks", message).at(&at, ""));
    }
    all
}

pub(in crate::cli) fn github(review: &Review, project: &Project) -> String {
    annotations::github(&found(review, project))
}

pub(in crate::cli) fn gitlab(review: &Review, project: &Project) -> Result<String> {
    annotations::gitlab(&found(review, project))
}
