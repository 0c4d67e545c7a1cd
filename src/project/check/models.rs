//! What the tables of models are called: none is another's, and none is Segment's.

use std::collections::HashMap;

use super::{Check, LANDED, OF_EVENTS};
use crate::diagnostic::{Diagnostic, Place};
use crate::project::words::quoted;
use crate::project::{Event, Model, ModelChoice, Placed};

/// The tables that Segment itself may build in the space, from what it lands there.
pub const BUILT_BY_SEGMENT: [&str; 3] = ["user_traits", "user_identifiers", "profile_merges"];

impl Check<'_> {
    /// Checks the names of all tables that are built; the schemas are the space and that of the models.
    pub(super) fn tables(
        &mut self,
        models: &[ModelChoice],
        events: &[Event],
        (space, models_schema): (&Placed<String>, &Placed<String>),
    ) {
        // Most warehouses fold the case of a schema's name.
        let in_space = space.value.eq_ignore_ascii_case(&models_schema.value);
        let mut known: HashMap<String, &ModelChoice> = HashMap::new();
        for choice in models {
            let place = self.name_place(choice);
            if !self.is_table_name(choice, &place) {
                continue;
            }
            let shown = events
                .iter()
                .map(|event| event.table.as_str())
                .filter(|table| !OF_EVENTS.contains(table));
            let shown = OF_EVENTS.iter().copied().chain(shown);
            let tables: Vec<String> = match choice.model {
                Model::ResolvedEvents => shown.map(|event| choice.table(event)).collect(),
                _ => vec![choice.name.clone()],
            };
            for table in tables {
                if in_space && self.is_segments(&table, events) {
                    self.in_the_way(choice, &table, (space, &place));
                } else if let Some(other) = known.get(&table) {
                    self.twice_built(&table, choice, other);
                } else {
                    known.insert(table, choice);
                    continue;
                }
                break;
            }
        }
    }

    /// Where a model's name stands, or else the model.
    fn name_place(&self, choice: &ModelChoice) -> Place {
        let node = self.node(&["models", choice.model.name(), "name"]);
        node.map_or_else(|| choice.place.clone(), |node| self.place(&node.span))
    }

    /// Whether Segment has a table of that name, or may have one.
    fn is_segments(&self, table: &str, events: &[Event]) -> bool {
        BUILT_BY_SEGMENT.contains(&table)
            || LANDED.contains(&table)
            // An event that is called as a model is a mistake by itself.
            || events.iter().any(|event| event.table == table)
                && Model::ALL.iter().all(|model| model.name() != table)
    }

    fn is_table_name(&mut self, choice: &ModelChoice, place: &Place) -> bool {
        let (name, is_many) = (&choice.name, choice.model == Model::ResolvedEvents);
        let is_part = |char: char| matches!(char, 'a'..='z' | '0'..='9' | '_');
        let rest = if is_many { name.replacen('*', "", 1) } else { name.clone() };
        let begins = name.starts_with(|char: char| !char.is_ascii_digit());
        let has_star = !is_many || (name.contains('*') && !rest.is_empty());
        let problem = if !begins || !has_star || !rest.chars().all(is_part) {
            Diagnostic::error("model-name", format!("{} is no name of a table", quoted(name)))
                .at(place, "not letters in lower case, digits and `_`")
                .help(match is_many {
                    true => {
                        "write it with `*` in the place of the event table, such as `*_resolved`"
                    }
                    false => "a name such as `customer_traits` needs quotes in no warehouse",
                })
        } else if name.starts_with("idgraph_") {
            Diagnostic::error("model-name", format!("{} is taken", quoted(name)))
                .at(place, "names that begin with `idgraph_` are those of the bookkeeping")
                .help("write another name")
        } else {
            return true;
        };
        self.found.push(problem);
        false
    }

    fn in_the_way(
        &mut self,
        choice: &ModelChoice,
        table: &str,
        (space, place): (&Placed<String>, &Place),
    ) {
        let message = format!("{} is Segment's own table in the space", quoted(table));
        let own =
            if choice.model == Model::ResolvedEvents { "*_with_profile" } else { "another_name" };
        self.found.push(
            Diagnostic::error("segments-table", message)
                .at(place, "this model would be built there")
                .and_at(&space.place, "the space, in which models are built by default")
                .note(
                    "Segment builds or lands a table of that name there, whose rows would be lost",
                )
                .help(format!(
                    "build the models in a schema of their own: `models_schema: {}_models`",
                    space.value
                ))
                .help(format!(
                    "or call the table otherwise: `{}: {{ name: {own} }}`",
                    choice.model.name()
                )),
        );
    }

    fn twice_built(&mut self, table: &str, one: &ModelChoice, other: &ModelChoice) {
        // The name of a model that the file does not mention is not in the file.
        let (one, other) = if one.place.span.is_empty() { (other, one) } else { (one, other) };
        let (one, other) = (one.model.name(), other.model.name());
        let place = self.node(&["models", one, "name"]);
        let place = place.or_else(|| self.node(&["models", one])).map(|node| node.span.clone());
        let place = self.place(&place.unwrap_or(0..0));
        let message = format!("`{one}` and `{other}` are the same table {}", quoted(table));
        self.found.push(
            Diagnostic::error("name-collision", message)
                .at(&place, format!("`{other}` has that name, too"))
                .help("write another `name` for one of the two"),
        );
    }
}
