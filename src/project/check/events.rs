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
            let Some(table) = names::snake_case(&name) else {
                self.nothing_left(&name, &place);
                continue;
            };
            let properties = written.and_then(|event| event.properties).unwrap_or_default();
            let written = self.node(&["events", &name, "properties"]);
            let properties = self.properties(&properties, written, &table, context);
            self.table_is_free(&name, &table, &place);
            if let Some(other) = tables.get(&table) {
                let (one, two) = (quoted(&other.name), quoted(&name));
                let message = format!("{one} and {two} are the same table `{table}`");
                self.found.push(
                    Diagnostic::error("name-collision", message)
                        .at(&place, format!("this event becomes `{table}`"))
                        .and_at(&other.place, "so does this")
                        .note("names become snake_case in the warehouse, as Segment writes them")
                        .help("keep one of the two, with the properties of both"),
                );
                continue;
            }
            tables.insert(table.clone(), Event { name, table, properties, place });
        }
        tables.into_values().collect()
    }

    fn table_is_free(&mut self, name: &str, table: &str, place: &Place) {
        let label = if LANDED.contains(&table) {
            format!("Segment lands a table `{table}` of its own")
        } else if Model::ALL.iter().any(|model| model.name() == table) {
            format!("idgraph builds a table `{table}`")
        } else {
            return;
        };
        let message = format!("the event {} has the name of another table", quoted(name));
        self.found.push(
            Diagnostic::error("table-taken", message)
                .at(place, label)
                .help("remove it, or send the event under another name and write that one here"),
        );
    }
}
