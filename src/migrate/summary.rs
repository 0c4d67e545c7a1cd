//! A difference in a few words: what changes, and what to call the migration.

use super::difference::ObjectChange;
use super::schema::{Column, Kind, Object};
use crate::project::{Materialization, Model};

/// How many names a migration's own name lists.
const MOST_NAMES: usize = 3;

/// What a change is called, by verb.
struct Named {
    verb: &'static str,
    name: String,
    line: String,
}

/// What changes, a line each.
pub(super) fn lines(changes: &[ObjectChange<'_>]) -> Vec<String> {
    named(changes).into_iter().map(|one| one.line).collect()
}

/// What to call a migration of these changes: `initial`, `add_plan`, `add_plan_drop_fax`.
pub(super) fn name(changes: &[ObjectChange<'_>]) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    if changes.iter().all(|change| change.old.is_none()) && is_whole(changes) {
        return Some("initial".to_owned());
    }
    let all = named(changes);
    let mut words: Vec<String> = Vec::new();
    for verb in ["add", "drop", "rename", "change", "rebuild", "describe"] {
        let mut names: Vec<&str> = Vec::new();
        for one in all.iter().filter(|one| one.verb == verb) {
            if !names.contains(&one.name.as_str()) {
                names.push(&one.name);
            }
        }
        if !names.is_empty() {
            words.push(verb.to_owned());
            words.extend(names.iter().take(MOST_NAMES).map(|name| word(name)));
            if names.len() > MOST_NAMES {
                words.push(format!("and_{}_more", names.len() - MOST_NAMES));
            }
        }
    }
    let name = words.join("_");
    let fits = !name.is_empty() && name.len() <= 60;
    Some(if fits { name } else { "several_changes".to_owned() })
}

/// A name with what a file name may have.
fn word(name: &str) -> String {
    let fits =
        |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' };
    name.chars().map(fits).collect()
}

fn is_whole(changes: &[ObjectChange<'_>]) -> bool {
    changes.iter().any(|change| change.object().is_some_and(|one| one.is_model(Model::IdGraph)))
}

fn named(changes: &[ObjectChange<'_>]) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    let renamed: Vec<_> = changes.iter().flat_map(|change| &change.renamed).collect();
    // What is renamed in one table comes and goes in a view that shows it as it landed.
    let is_renamed = |change: &ObjectChange<'_>, one: &Named| {
        renamed.iter().any(|(was, is)| {
            let name = if one.verb == "add" { &is.name } else { &was.name };
            matches!(one.verb, "add" | "drop")
                && one.name == *name
                && change.added.iter().any(|column| column.name == is.name)
        })
    };
    for change in changes {
        let Some(object) = change.object() else { continue };
        for one in of_object(change, object).into_iter().filter(|one| !is_renamed(change, one)) {
            if !all.iter().any(|other| other.line == one.line) {
                all.push(one);
            }
        }
    }
    all
}

fn of_object(change: &ObjectChange<'_>, object: &Object) -> Vec<Named> {
    let name = &object.name;
    let named = |verb, name: &str, line: String| Named { verb, name: name.to_owned(), line };
    let what = if object.kind == Kind::Landed {
        "landed table"
    } else if object.kind == Kind::State {
        "table"
    } else {
        "model"
    };
    if change.new.is_none() || (change.both().is_none() && change.new.is_some()) {
        let is_new = change.new.is_some();
        let gone = if object.kind == Kind::Landed { "no longer used" } else { "gone" };
        let line = format!("{} {what} {name}", if is_new { "new" } else { gone });
        // What goes with an event is called as the event.
        return vec![named(if is_new { "add" } else { "drop" }, name, line)];
    }
    let mut all = Vec::new();
    let of = |column: &Column| {
        if column.configured { column.name.clone() } else { format!("{name}.{}", column.name) }
    };
    for column in &change.added {
        all.push(named("add", &column.name, format!("new column {}", of(column))));
    }
    for column in &change.dropped {
        all.push(named("drop", &column.name, format!("gone column {}", of(column))));
    }
    for (was, is) in &change.renamed {
        let line = format!("column {} is called {} now", was.name, is.name);
        all.push(named("rename", &is.name, line));
    }
    for (was, is) in &change.retyped {
        let line = format!("column {} is {} now, and was {}", of(is), is.sql, was.sql);
        all.push(named("change", &is.name, line));
    }
    for (_, is) in &change.reread {
        let line = match is.renamed_from.is_empty() {
            true => format!("column {} is read from what landed under that name alone", of(is)),
            false => {
                let before = is.renamed_from.join(", ");
                format!("column {} is read from what landed as {before}, too", of(is))
            }
        };
        all.push(named("change", &is.name, line));
    }
    if let Some((was, is)) = change.kept {
        let line = format!("{name} is {} now, and was {}", kept(is), kept(was));
        all.push(named("change", name, line));
    } else if lands(change) {
        all.push(named("refresh", name, format!("{name} shows what has landed since")));
    } else if change.has_new_meaning {
        all.push(named("rebuild", name, format!("{name} means something else")));
    }
    for line in change.refresh() {
        all.push(named("change", name, format!("{name}: {line}")));
    }
    for column in &change.described {
        all.push(named("describe", &column.name, format!("another description of {}", of(column))));
    }
    if change.is_described {
        all.push(named("describe", name, format!("another description of {name}")));
    }
    if !change.new_indexes.is_empty() || !change.old_indexes.is_empty() {
        all.push(named("change", name, format!("other indexes of {name}")));
    }
    all
}

/// Whether nothing but what has landed is another: a view shows what was NULL in it.
fn lands(change: &ObjectChange<'_>) -> bool {
    let meaning = |object: &Object| object.model.as_ref().map(|model| model.meaning.clone());
    change.has_new_meaning && change.both().is_some_and(|(old, new)| meaning(old) == meaning(new))
}

fn kept(kept: Materialization) -> &'static str {
    match kept {
        Materialization::View => "a view",
        Materialization::Table => "a table",
        Materialization::Incremental => "an incremental table",
        Materialization::DynamicTable => "a dynamic table",
    }
}
