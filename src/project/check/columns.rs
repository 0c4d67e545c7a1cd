//! The columns that the user configures: context fields, traits, properties.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::file::{Context, Property, Trait};
use crate::project::words::quoted;
use crate::project::yaml::Node;
use crate::project::{Column, LogicalType, Pii, Placed, TraitKind, TraitSource, names};

/// Every landed table has these.
const COMMON: &[&str] = &["id", "received_at", "uuid_ts", "timestamp"];

/// Every table of events has these, and a column for each context field.
const EVENT: &[&str] = &[
    "segment_id",
    "event_source_id",
    "event_id",
    "anonymous_id",
    "user_id",
    "sent_at",
    "original_timestamp",
];

/// Every table of track events has these.
const TRACK: &[&str] = &["event", "event_text"];

/// The table of trait updates has these.
const UPDATES: &[&str] = &[
    "segment_id",
    "seq",
    "triggering_event_type",
    "triggering_event_id",
    "triggering_event_name",
    "triggering_event_source_id",
    "triggering_event_source_name",
    "triggering_event_source_slug",
];

/// The table of profiles has these.
const PROFILE: &[&str] = &["canonical_segment_id", "merged_to"];

/// Why a landed column's name cannot be used.
const DISCARDED: &str =
    "Segment discards what is sent under such a name, so its column would never hold a value";

/// Why a profile column's name cannot be used.
const TAKEN: &str = "that column holds the profile's place in the identity graph";

/// The columns that a table has whatever the user configures.
struct Reserved<'a> {
    /// The table they are in, in words.
    table: &'a str,
    names: Vec<&'a str>,
    /// What happens to a column of such a name.
    why: &'a str,
}

/// What the file says of a trait or a property.
struct Said<'a> {
    logical_type: LogicalType,
    description: Option<&'a str>,
    pii: Option<&'a Pii>,
}

impl Said<'_> {
    fn just(logical_type: LogicalType) -> Self {
        Self { logical_type, description: None, pii: None }
    }
}

impl Check<'_> {
    /// The columns of the context fields.
    pub(super) fn context(&mut self, written: Option<&Vec<Context>>) -> Vec<Column> {
        let items = self.node(&["context"]).map(Node::items).unwrap_or_default();
        let (fields, tags): (Vec<_>, Vec<_>) = written
            .into_iter()
            .flatten()
            .zip(items)
            .map(|(field, item)| match field {
                Context::Name(name) => (name, &item.span, None),
                Context::Details(details) => {
                    let span = item.get("name").map_or(&item.span, |entry| &entry.node.span);
                    (&details.name, span, details.pii.clone())
                }
            })
            .map(|(name, span, pii)| (Placed { value: name.clone(), place: self.place(span) }, pii))
            .unzip();
        self.twice("context", &fields, str::to_owned);
        let mut columns: Vec<Column> = Vec::new();
        let mut keys = HashSet::new();
        for (field, pii) in fields.into_iter().zip(tags) {
            self.category(pii.as_ref(), &field.place);
            let place = field.place;
            if !keys.insert(field.value.clone())
                || !self.printable("this context field", &field.value, false, &place)
            {
                continue;
            }
            let Some(words) = names::words(&field.value) else {
                self.nothing_left(&field.value, &place);
                continue;
            };
            if let Some(rest) = words.strip_prefix("context_") {
                let message =
                    format!("the context field {} has its prefix already", quoted(&field.value));
                self.found.push(
                    Diagnostic::error("context-prefix", message)
                        .at(&place, format!("this would be the column `context_{words}`"))
                        .help(format!("write it without: `{rest}` is the column `context_{rest}`")),
                );
                continue;
            }
            columns.push(Column {
                key: field.value,
                name: format!("context_{words}"),
                logical_type: LogicalType::Varchar,
                kind: TraitKind::Custom,
                description: None,
                renamed_from: None,
                pii,
                place,
            });
        }
        self.distinct(columns, "context field")
    }

    /// The columns of the traits.
    pub(super) fn traits(
        &mut self,
        traits: &IndexMap<String, Trait>,
        from: TraitSource,
        context: &[Column],
    ) -> Vec<Column> {
        let map = self.node(&["traits", "columns"]);
        let mut columns = Vec::with_capacity(traits.len());
        for (key, written) in traits {
            let (logical_type, details) = match written {
                Trait::Type(logical_type) => (*logical_type, None),
                Trait::Details(details) => (details.r#type, Some(details)),
            };
            let said = Said {
                logical_type,
                description: details.and_then(|details| details.description.as_deref()),
                pii: details.and_then(|details| details.pii.as_ref()),
            };
            let column = self.column(map, key, &said);
            let kind = details.and_then(|details| details.kind).unwrap_or_default();
            let before = details.and_then(|details| details.renamed_from.as_deref());
            let renamed_from = before.and_then(|before| self.renamed_from(map, key, before));
            columns.extend(column.map(|column| Column { kind, renamed_from, ..column }));
        }
        self.renamed_once(&columns);
        let (table, own) = match from {
            TraitSource::Identifies => ("identifies", EVENT),
            TraitSource::ProfileTraitsUpdates => ("profile_traits_updates", UPDATES),
        };
        let mut names = [COMMON, own].concat();
        if from == TraitSource::Identifies {
            names.extend(context.iter().map(|column| column.name.as_str()));
        }
        self.not_reserved(&columns, "trait", &Reserved { table, names, why: DISCARDED });
        self.not_reserved(
            &columns,
            "trait",
            &Reserved { table: "profile_traits", names: PROFILE.to_vec(), why: TAKEN },
        );
        self.distinct(columns, "trait")
    }

    /// The columns of an event's properties, written in `map`.
    pub(super) fn properties(
        &mut self,
        properties: &IndexMap<String, Property>,
        map: Option<&Node>,
        table: &str,
        context: &[Column],
    ) -> Vec<Column> {
        let mut columns = Vec::with_capacity(properties.len());
        for (key, written) in properties {
            let said = match written {
                Property::Type(logical_type) => Said::just(*logical_type),
                Property::Details(details) => {
                    let (description, pii) = (details.description.as_deref(), details.pii.as_ref());
                    Said { logical_type: details.r#type, description, pii }
                }
            };
            columns.extend(self.column(map, key, &said));
        }
        let mut names = [COMMON, EVENT, TRACK].concat();
        names.extend(context.iter().map(|column| column.name.as_str()));
        self.not_reserved(&columns, "property", &Reserved { table, names, why: DISCARDED });
        let names = vec!["canonical_segment_id"];
        let table = format!("{table}_resolved");
        self.not_reserved(&columns, "property", &Reserved { table: &table, names, why: TAKEN });
        self.distinct(columns, "property")
    }

    /// The column that a trait had under the name before.
    fn renamed_from(&mut self, map: Option<&Node>, key: &str, before: &str) -> Option<String> {
        let node = map.and_then(|map| map.get(key)?.node.get("renamed_from"));
        let place = node.map_or_else(|| self.key(map, key), |entry| self.place(&entry.node.span));
        let name = names::snake_case(before);
        if name.is_none() {
            self.nothing_left(before, &place);
        }
        name
    }

    /// Reports former names that are names still, or those of two traits.
    fn renamed_once(&mut self, columns: &[Column]) {
        let mut first: IndexMap<&str, &Column> = IndexMap::new();
        for column in columns {
            let Some(before) = column.renamed_from.as_deref() else { continue };
            let still = columns.iter().find(|other| other.name == before);
            let Some(other) = still.or(first.get(before).copied()) else {
                first.insert(before, column);
                continue;
            };
            let message = format!(
                "the trait {} cannot have been called {} before",
                quoted(&column.key),
                quoted(before)
            );
            let label = if still.is_some() { "this trait is called so" } else { "this one was" };
            self.found.push(
                Diagnostic::error("renamed-from", message)
                    .at(&column.place, "")
                    .and_at(&other.place, label)
                    .help("`renamed_from` is the name that this trait alone had, and no trait has now"),
            );
        }
    }

    /// Reports a category of personal data that is no word to print.
    fn category(&mut self, pii: Option<&Pii>, place: &Place) {
        if let Some(Pii::Category(category)) = pii {
            self.printable("this category of personal data", category, false, place);
        }
    }

    fn column(&mut self, map: Option<&Node>, key: &str, said: &Said<'_>) -> Option<Column> {
        let place = self.key(map, key);
        self.category(said.pii, &place);
        if let Some(text) = said.description {
            let node = map.and_then(|map| map.get(key)?.node.get("description"));
            let place = node.map_or_else(|| place.clone(), |entry| self.place(&entry.node.span));
            self.printable("this description", text, true, &place);
        }
        if !self.printable("this name", key, false, &place) {
            return None;
        }
        let Some(name) = names::snake_case(key) else {
            self.nothing_left(key, &place);
            return None;
        };
        Some(Column {
            key: key.to_owned(),
            name,
            logical_type: said.logical_type,
            kind: TraitKind::default(),
            description: said.description.map(str::to_owned),
            renamed_from: None,
            pii: said.pii.cloned(),
            place,
        })
    }

    /// Reports a name without any letter or digit that Segment keeps.
    pub(super) fn nothing_left(&mut self, name: &str, place: &Place) {
        let message = format!("nothing is left of the name {} in snake case", quoted(name));
        self.found.push(
            Diagnostic::error("name-empty", message)
                .at(place, "no letter from a to z and no digit")
                .note("Segment's warehouses keep ASCII letters and digits only")
                .help("use a name that has some; see in the warehouse which name the data landed under"),
        );
    }

    fn not_reserved(&mut self, columns: &[Column], what: &str, reserved: &Reserved<'_>) {
        for column in columns.iter().filter(|column| reserved.names.contains(&column.name.as_str()))
        {
            let Reserved { table, why, .. } = reserved;
            let message =
                format!("the {what} {} has the name of a reserved column", quoted(&column.key));
            self.found.push(
                Diagnostic::error("reserved-name", message)
                    .at(
                        &column.place,
                        format!("`{table}` has a column `{}` of its own", column.name),
                    )
                    .note(*why)
                    .help("remove it, or send it under another name and write that one here"),
            );
        }
    }

    /// Reports columns that are the same in snake case, and keeps the first of each.
    fn distinct(&mut self, mut columns: Vec<Column>, what: &str) -> Vec<Column> {
        let mut first: HashMap<&str, &Column> = HashMap::with_capacity(columns.len());
        let mut is_first = Vec::with_capacity(columns.len());
        for column in &columns {
            let other = *first.entry(&column.name).or_insert(column);
            is_first.push(std::ptr::eq(other, column));
            if std::ptr::eq(other, column) {
                continue;
            }
            let (one, two) = (quoted(&other.key), quoted(&column.key));
            let message = format!("{one} and {two} are the same column `{}`", column.name);
            self.found.push(
                Diagnostic::error("name-collision", message)
                    .at(&column.place, format!("this {what} becomes `{}`", column.name))
                    .and_at(&other.place, "so does this")
                    .note("names become snake_case in the warehouse, as Segment writes them")
                    .help("keep one of the two: Segment lands both in that one column"),
            );
        }
        let mut is_first = is_first.into_iter();
        columns.retain(|_| is_first.next().unwrap_or(true));
        columns.shrink_to_fit();
        columns
    }
}
