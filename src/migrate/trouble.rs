//! Changes that no migration is written for, each with the way out.

use super::difference::ObjectChange;
use super::schema::{Column, Object, Schema};
use crate::diagnostic::{Diagnostic, Place};
use crate::dialect::Dialect;
use crate::project::{Placed, Project};

/// Everything about the changes that cannot be done.
pub(super) fn refused(
    project: &Project,
    (old, new): (&Schema, &Schema),
    changes: &[ObjectChange<'_>],
    dialect: &Dialect,
) -> Vec<Diagnostic> {
    let mut found = elsewhere(project, old, dialect);
    if !found.is_empty() {
        return found;
    }
    for change in changes {
        let Some((_, object)) = change.both() else { continue };
        if object.is_query() || change.kept.is_some_and(|_| !new.is_table_still(change)) {
            continue;
        }
        for (was, is) in &change.retyped {
            if !can_widen(dialect, was, is) {
                found.push(type_changed(project, new.schema_of(object), object, was, is, dialect));
            }
        }
    }
    dedup(found)
}

/// What the project says otherwise than the record about where everything is. Its migrations are about the schemas that
/// are recorded, and their ledger is there: in any other place they would begin anew.
pub fn elsewhere(project: &Project, recorded: &Schema, dialect: &Dialect) -> Vec<Diagnostic> {
    if recorded.objects.is_empty() {
        return Vec::new();
    }
    let catalog = project.catalog.as_ref().filter(|_| dialect.facts.can.catalogs);
    let follows = recorded.space == recorded.models_schema
        && project.space.value == project.models_schema.value;
    let places = [
        ("catalog", recorded.catalog.as_deref(), catalog),
        ("space", Some(recorded.space.as_str()), Some(&project.space)),
        (
            "models_schema",
            Some(recorded.models_schema.as_str()),
            // Where it is the space, one message is enough.
            Some(if follows { &project.space } else { &project.models_schema }),
        ),
    ];
    let moved = places.into_iter().filter(|(key, was, is)| {
        *was != is.map(|is| is.value.as_str()) && !(follows && *key == "models_schema")
    });
    moved.map(|(key, was, is)| moved_away(project, (key, was, is), dialect)).collect()
}

fn moved_away(
    project: &Project,
    (key, was, is): (&str, Option<&str>, Option<&Placed<String>>),
    dialect: &Dialect,
) -> Diagnostic {
    let (code, what) = match key {
        "catalog" => ("catalog-changed", "catalog"),
        _ => ("schema-renamed", "schema"),
    };
    let shown =
        |name: Option<&str>| name.map_or("the session's".to_owned(), |name| format!("`{name}`"));
    let there = shown(is.map(|is| is.value.as_str()));
    let diagnostic =
        Diagnostic::error(code, format!("`{key}` was {} and is {there} now", shown(was)));
    let diagnostic = match is {
        Some(is) => diagnostic.at(&is.place, "the new name"),
        None => diagnostic.at(&project.space.place, "this schema was in a catalog of its own"),
    };
    let again = match was {
        Some(was) => format!("write `{key}: {was}` again"),
        None => format!("leave `{key}` out again"),
    };
    diagnostic
        .note(format!(
            "a {what} has what Segment lands and what was granted; no migration moves that"
        ))
        .help(format!(
            "{again}; or move the folder migrations/{} away and run `idgraph migrate new`, \
             which begins anew for {there}: its models are built from all rows landed there",
            dialect.name
        ))
}

/// Whether a column's type can be changed in place with all its values.
pub(super) fn can_widen(dialect: &Dialect, was: &Column, is: &Column) -> bool {
    let wider = dialect.facts.widens.get(&was.logical_type);
    wider.is_some_and(|wider| wider.contains(&is.logical_type))
}

fn type_changed(
    project: &Project,
    schema: &str,
    object: &Object,
    was: &Column,
    is: &Column,
    dialect: &Dialect,
) -> Diagnostic {
    let title = &dialect.facts.title;
    let message = format!(
        "{title} cannot make {schema}.{}.{} of {} {}",
        object.name, is.name, was.sql, is.sql
    );
    let diagnostic = Diagnostic::error("type-changed", message);
    let diagnostic = match place(project, &is.name) {
        Some(place) => diagnostic.at(&place, "its type was changed here"),
        None => diagnostic,
    };
    let word = format!("{:?}", was.logical_type).to_lowercase();
    diagnostic
        .note("a migration changes a type only where the warehouse keeps every value")
        .help(format!("Segment never changes the type of a landed column: write `{word}` again"))
        .help(
            "if the column did land anew with the other type: take it out of the project, `idgraph migrate new`, \
             put it in again with its new type, `idgraph migrate new`",
        )
}

/// Where the project names a column.
fn place(project: &Project, name: &str) -> Option<Place> {
    let properties = project.events.iter().flat_map(|event| &event.properties);
    let mut columns = project.traits.iter().chain(properties).chain(&project.context);
    columns.find(|column| column.name == name).map(|column| column.place.clone())
}

/// A trait stands in several tables: one message is enough.
fn dedup(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        if !kept.iter().any(|one| one.place().is_some() && one.place() == diagnostic.place()) {
            kept.push(diagnostic);
        }
    }
    kept
}

impl Schema {
    /// Whether an object was a table and stays one.
    pub(super) fn is_table_still(&self, change: &ObjectChange<'_>) -> bool {
        change.both().is_some_and(|(old, new)| !old.is_query() && !new.is_query())
    }
}
