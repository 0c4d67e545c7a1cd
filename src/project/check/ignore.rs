//! What lands and is not wanted: nothing that the project asks for, and nothing that models read.

use super::{Check, LANDED};
use crate::diagnostic::{Diagnostic, Place};
use crate::project::words::quoted;
use crate::project::{Column, Event, Ignored, TraitSource};

/// What the project asks for.
pub(super) struct Asked<'a> {
    pub(super) traits_from: TraitSource,
    pub(super) traits: &'a [Column],
    pub(super) events: &'a [Event],
    pub(super) context: &'a [Column],
}

/// The tables that have a column for each context field besides those of track events.
const WITH_CONTEXT: [&str; 5] = ["pages", "screens", "groups", "aliases", "tracks"];

impl<'a> Asked<'a> {
    /// Where the project asks for something that is ignored.
    fn place(&self, ignored: &Ignored) -> Option<&'a Place> {
        let among = |table: &str, columns: &'a [Column]| {
            let column =
                columns.iter().find(|column| ignored.is_column(table, column.landed_name()));
            column.map(|column| &column.place)
        };
        let traits_from = match self.traits_from {
            TraitSource::Identifies => "identifies",
            TraitSource::ProfileTraitsUpdates => "profile_traits_updates",
        };
        let in_event = |event: &'a Event| match ignored.is_table(&event.table) {
            true => Some(&event.place),
            false => {
                among(&event.table, &event.properties).or_else(|| among(&event.table, self.context))
            }
        };
        among(traits_from, self.traits)
            .or_else(|| self.events.iter().find_map(in_event))
            .or_else(|| WITH_CONTEXT.iter().find_map(|table| among(table, self.context)))
    }
}

impl Check<'_> {
    pub(super) fn ignored(
        &mut self,
        written: Option<&Vec<String>>,
        asked: &Asked<'_>,
    ) -> Vec<Ignored> {
        let texts = self.texts("ignore", written);
        self.twice("ignore", &texts, str::to_ascii_lowercase);
        let mut all = Vec::new();
        for text in &texts {
            let name = quoted(&text.value);
            let Some(ignored) = Ignored::parse(&text.value) else {
                self.found.push(
                    Diagnostic::error("ignore-name", format!("{name} is no landed table or column"))
                        .at(&text.place, "not TABLE, TABLE.COLUMN or *.COLUMN")
                        .help("write `debug_ping` for the table of an event, `identifies.fax` for a column, `*.context_locale` for a column of every table")
                        .help("names are those of the warehouse, without the schema: that is the space"),
                );
                continue;
            };
            if let Some(fixed) = LANDED.iter().find(|table| ignored.is_table(table)) {
                self.found.push(
                    Diagnostic::error(
                        "ignore-fixed",
                        format!("{name} cannot be ignored as a whole"),
                    )
                    .at(&text.place, "Segment lands this table in every space")
                    .help(format!("name the column that is not wanted: `{fixed}.COLUMN`")),
                );
                continue;
            }
            if let Some(place) = asked.place(&ignored) {
                self.found.push(
                    Diagnostic::error(
                        "ignored-and-asked",
                        format!("{name} is ignored, and the project asks for it"),
                    )
                    .at(&text.place, "ignored here")
                    .and_at(place, "asked for here")
                    .help("remove one of the two"),
                );
                continue;
            }
            all.push(ignored);
        }
        all
    }
}
