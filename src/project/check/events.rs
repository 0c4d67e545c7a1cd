//! The track events, each a landed table.

use indexmap::IndexMap;

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::file;
use crate::project::words::quoted;
use crate::project::{Column, Event, Model, names};

/// The tables that Segment lands whatever the events are.
pub const LANDED: &[&str] = &[
    "id_graph_updates",
    "external_id_mapping_updates",
    "profile_traits_updates",
    "identifies",
    "pages",
    "screens",
    "groups",
    "aliases",
    "tracks",
];

/// Those of them whose rows are events, of all of a kind.
pub const OF_EVENTS: &[&str] = &["identifies", "pages", "screens", "groups", "aliases", "tracks"];

/// Those of them that hold the calls of one kind, with properties or traits that the project may list.
pub const CALLS: &[&str] = &["pages", "screens", "groups", "aliases"];

impl Check<'_> {
    /// The events, with their tables' names and columns.
    pub(super) fn events(
        &mut self,
        events: IndexMap<String, Option<file::Event>>,
        context: &[Column],
    ) -> Vec<Event> {
        let map = self.node(&["events"]);
        let mut tables: IndexMap<String, Event> = IndexMap::with_capacity(events.len());
        for (name, written) in events {
            let place = self.key(map, &name);
            if !self.printable("this event's name", &name, false, &place) {
                continue;
            }
            let Some(snake_case) = names::snake_case(&name) else {
                self.nothing_left(&name, &place);
                continue;
            };
            let named = written.as_ref().and_then(|event| event.table.as_deref());
            let named = named.and_then(|table| {
                let node = self.node(&["events", &name, "table"]);
                let place = node.map_or_else(|| place.clone(), |node| self.place(&node.span));
                self.landed(table, &place)
            });
            let names_table = named.is_some();
            let table = named.unwrap_or(snake_case);
            let properties = written.and_then(|event| event.properties).unwrap_or_default();
            let written = self.node(&["events", &name, "properties"]);
            let properties = self.properties(&properties, written, &table, context);
            // Written as the table is: a track event called `Pages` is another matter.
            if names_table || name != table || !CALLS.contains(&table.as_str()) {
                self.table_is_free(&name, &table, &place);
            }
            // Not every warehouse keeps the case of a name.
            if let Some(other) = tables.get(&table.to_lowercase()) {
                let (one, two) = (quoted(&other.name), quoted(&name));
                let message = format!("{one} and {two} are the same table `{table}`");
                self.found.push(
                    Diagnostic::error("name-collision", message)
                        .at(&place, format!("this event becomes `{table}`"))
                        .and_at(&other.place, "so does this")
                        .note("names become snake_case in the warehouse, as Segment writes them")
                        .help("keep one of the two, with the properties of both; where one has landed in another table, say so with `table`"),
                );
                continue;
            }
            let event = Event { name, table, names_table, properties, place };
            tables.insert(event.table.to_lowercase(), event);
        }
        tables.into_values().collect()
    }

    fn table_is_free(&mut self, name: &str, table: &str, place: &Place) {
        let label = if LANDED.iter().any(|own| own.eq_ignore_ascii_case(table)) {
            format!("Segment lands a table `{table}` of its own")
        } else if Model::ALL.iter().any(|model| model.name().eq_ignore_ascii_case(table)) {
            format!("idgraph builds a table `{table}`")
        } else {
            return;
        };
        let message = format!("the event {} has the name of another table", quoted(name));
        let taken = Diagnostic::error("table-taken", message).at(place, label);
        let taken = match table {
            "identifies" => {
                taken.help("what identify calls carry are traits: list them under `traits.columns`")
            }
            _ => taken,
        };
        self.found.push(
            taken.help("remove it, or send the event under another name and write that one here; if it has landed in another table, such as one with `_` in front, say so with `table`"),
        );
    }
}
