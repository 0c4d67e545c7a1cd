//! Differences and obstacles, for people and programs.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::migrate::{Difference, Drift};

/// In what a database differs from what it should hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// The object, with the column where it is about one.
    pub object: String,
    /// `missing`, `foreign`, `other_kind`, `other_type`, `added`, `new_trait` or `new_property`.
    pub kind: &'static str,
    /// What is there: a type, or what the object is.
    pub found: Option<String>,
    /// What should be.
    pub expected: Option<String>,
    /// In a sentence.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl Differing {
    /// Of a difference; `has_migrations` when what stands there came by migrations.
    pub fn of(drift: &Drift, has_migrations: bool) -> Self {
        let name = drift.name();
        let (kind, found, expected) = match &drift.difference {
            Difference::Missing | Difference::NotLanded => ("missing", None, None),
            Difference::Foreign => ("foreign", None, None),
            Difference::OtherKind { found, wanted } => {
                ("other_kind", Some(found.noun().to_owned()), Some(wanted.noun().to_owned()))
            }
            Difference::OtherType { found, wanted } => {
                ("other_type", Some(found.clone()), Some(wanted.clone()))
            }
            Difference::Added => ("added", None, None),
            Difference::Discovered { found, is_property: true, .. } => {
                ("new_property", Some(found.clone()), None)
            }
            Difference::Discovered { found, .. } => ("new_trait", Some(found.clone()), None),
        };
        let by_hand = if has_migrations {
            "put it back by hand, with the statements of the migration that made it"
        } else {
            "drop it by hand, then apply: it is built anew"
        };
        let fix = match &drift.difference {
            Difference::NotLanded => "Segment makes it with its first row or value".to_owned(),
            Difference::Missing | Difference::OtherKind { .. } => by_hand.to_owned(),
            Difference::Foreign => format!(
                "hand it over with `idgraph apply --target NAME --adopt {name}`, or move it away"
            ),
            Difference::OtherType { .. } if drift.is_landed => {
                "the first value decided the type: write that type in the project file".to_owned()
            }
            Difference::OtherType { .. } => by_hand.to_owned(),
            Difference::Added => {
                "idgraph leaves it as it is; drop it by hand if it is not wanted".to_owned()
            }
            Difference::Discovered { entry, is_property, .. } => {
                let column = drift.column.as_deref().unwrap_or_default();
                let key = match is_property {
                    true => format!("the `properties` of `{}` under `events`", drift.table),
                    false => "`traits.columns`".to_owned(),
                };
                let then = if has_migrations { "then `idgraph migrate new`" } else { "then apply" };
                let ignored = format!("{}.{column}", drift.table);
                format!(
                    "to use it, add `{entry}` to {key}, {then}; if it is not wanted, add `{ignored}` to `ignore`"
                )
            }
        };
        Self { object: name, kind, found, expected, message: drift.to_string(), fix }
    }
}

/// Why an apply would refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// The code of the message.
    pub code: &'static str,
    /// The message.
    pub message: String,
    /// Where it is: file, line and column.
    pub place: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// What to do.
    pub fixes: Vec<String>,
}

impl From<&Diagnostic> for Obstacle {
    fn from(of: &Diagnostic) -> Self {
        let place = |place: &crate::diagnostic::Place| {
            let (line, column) = place.start();
            format!("{}:{line}:{column}", place.source.name)
        };
        Self {
            code: of.code(),
            message: of.message().to_owned(),
            place: of.place().map(place),
            reasons: of.notes().map(str::to_owned).collect(),
            fixes: of.helps().map(str::to_owned).collect(),
        }
    }
}
