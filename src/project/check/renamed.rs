//! What traits were called before.

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::words::quoted;
use crate::project::yaml::Node;
use crate::project::{Column, Former, LogicalType, TraitKind, names};

impl Check<'_> {
    /// The columns that a trait had under the names before.
    pub(super) fn before(
        &mut self,
        map: Option<&Node>,
        key: &str,
        before: &[String],
    ) -> Vec<Column> {
        let node = map.and_then(|map| map.get(key)?.node.get("renamed_from"));
        let whole = node.map_or_else(|| self.key(map, key), |entry| self.place(&entry.node.span));
        let items = node.map(|entry| entry.node.items()).unwrap_or_default();
        let mut columns = Vec::with_capacity(before.len());
        for (index, written) in before.iter().enumerate() {
            let place =
                items.get(index).map_or_else(|| whole.clone(), |item| self.place(&item.span));
            // Segment puts `_` in front of some names, and the project may call the landed column so.
            let is_landed = written.starts_with('_') && names::is_landed(written);
            let name = if is_landed { Some(written.clone()) } else { names::snake_case(written) };
            match name {
                Some(name) => columns.push(former(written, name, place)),
                None => self.nothing_left(written, &place),
            }
        }
        columns
    }

    /// Gives each trait, by its place among them, the columns that it had before.
    pub(super) fn renamed(
        &mut self,
        columns: &mut [Column],
        former: Vec<(usize, Vec<Column>)>,
        (table, context): (&str, &[Column]),
    ) {
        for (index, mut before) in former {
            self.landed_apart(&mut before, "former name", table, context);
            let mut names = Vec::with_capacity(before.len());
            for one in before {
                let is_it = |other: &&Column| {
                    other.name == one.name || other.landed_name() == one.landed_name()
                };
                let still = columns.iter().find(is_it);
                let was = columns
                    .iter()
                    .find(|other| other.renamed_from.iter().any(|other| other.name == one.name));
                let Some(column) = columns.get(index) else { continue };
                let is_twice = names.iter().any(|other: &Former| other.name == one.name);
                if let Some(other) = still.or(was).or(is_twice.then_some(column)) {
                    let label =
                        if still.is_some() { "this trait is called so" } else { "this one was" };
                    let trouble = twice(column, &one, (&other.place, label));
                    self.found.push(trouble);
                } else {
                    names.push(Former { key: one.key, name: one.name, landed: one.landed });
                }
            }
            if let Some(column) = columns.get_mut(index) {
                column.renamed_from = names;
            }
        }
    }
}

fn twice(column: &Column, before: &Column, (place, label): (&Place, &str)) -> Diagnostic {
    let message = format!(
        "the trait {} cannot have been called {} before",
        quoted(&column.key),
        quoted(&before.name)
    );
    Diagnostic::error("renamed-from", message)
        .at(&column.place, "")
        .and_at(place, label)
        .help("`renamed_from` is a name that this trait alone had, and no trait has now")
}

fn former(key: &str, name: String, place: Place) -> Column {
    Column {
        key: key.to_owned(),
        landed: None,
        name,
        logical_type: LogicalType::Varchar,
        kind: TraitKind::default(),
        description: None,
        renamed_from: Vec::new(),
        pii: None,
        place,
    }
}
