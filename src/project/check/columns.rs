//! The columns that the user configures: context fields, traits, properties.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::file::{Context, Property, Trait};
use crate::project::own::own;
use crate::project::words::quoted;
use crate::project::yaml::Node;
use crate::project::{Column, LogicalType, Pii, Placed, TraitKind, TraitSource, names};

/// The table of profiles has these.
const PROFILE: &[&str] = &["canonical_segment_id", "merged_to"];

/// Why a landed column's name cannot be used.
const DISCARDED: &str =
    "Segment discards what is sent under such a name, so its column would never hold a value";

/// What helps where a name is taken in a table of ours.
const SEND_OTHERWISE: &str = "remove it, or send it under another name and write that one here";

/// Why a profile column's name cannot be used.
const TAKEN: &str = "that column holds the profile's place in the identity graph";

/// A table that configured columns are in, and its own columns.
struct Reserved<'a> {
    /// The table, in words.
    table: &'a str,
    /// What is called so there already.
    has: &'a dyn Fn(&Column) -> Option<String>,
    /// What happens to a column of such a name.
    why: &'a str,
    help: &'a dyn Fn(&Column) -> String,
}

/// What the file says of a trait or a property.
struct Said<'a> {
    logical_type: LogicalType,
    description: Option<&'a str>,
    pii: Option<&'a Pii>,
    column: Option<&'a str>,
}

impl Said<'_> {
    fn just(logical_type: LogicalType) -> Self {
        Self { logical_type, description: None, pii: None, column: None }
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
                Context::Name(name) => (name, &item.span, (None, None)),
                Context::Details(details) => {
                    let span = item.get("name").map_or(&item.span, |entry| &entry.node.span);
                    let column = item.get("column").map(|entry| self.place(&entry.node.span));
                    (&details.name, span, (details.pii.clone(), details.column.clone().zip(column)))
                }
            })
            .map(|(name, span, more)| {
                (Placed { value: name.clone(), place: self.place(span) }, more)
            })
            .unzip();
        self.twice("context", &fields, str::to_owned);
        let mut columns: Vec<Column> = Vec::new();
        let mut keys = HashSet::new();
        for (field, (pii, written)) in fields.into_iter().zip(tags) {
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
            let name = format!("context_{words}");
            let landed = written.and_then(|(column, place)| self.landed(&column, &place));
            columns.push(Column {
                key: field.value,
                landed,
                name,
                logical_type: LogicalType::Varchar,
                kind: TraitKind::Custom,
                description: None,
                renamed_from: Vec::new(),
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
        let mut former = Vec::new();
        for (key, written) in traits {
            let (logical_type, details) = match written {
                Trait::Type(logical_type) => (*logical_type, None),
                Trait::Details(details) => (details.r#type, Some(details)),
            };
            let said = Said {
                logical_type,
                description: details.and_then(|details| details.description.as_deref()),
                pii: details.and_then(|details| details.pii.as_ref()),
                column: details.and_then(|details| details.column.as_deref()),
            };
            let column = self.column(map, key, &said);
            let kind = details.and_then(|details| details.kind).unwrap_or_default();
            let before = details.and_then(|details| details.renamed_from.as_ref());
            let before = before.map_or_else(Vec::new, |before| self.before(map, key, before.all()));
            if let Some(column) = column {
                former.push((columns.len(), before));
                columns.push(Column { kind, ..column });
            }
        }
        let table = match from {
            TraitSource::Identifies => "identifies",
            TraitSource::ProfileTraitsUpdates => "profile_traits_updates",
        };
        let context = if from == TraitSource::Identifies { context } else { &[] };
        self.landed_apart(&mut columns, "trait", table, context);
        self.renamed(&mut columns, former, (table, context));
        let has =
            |column: &Column| PROFILE.contains(&column.name.as_str()).then(|| column.name.clone());
        let help = &|_: &Column| SEND_OTHERWISE.to_owned();
        let profiles = Reserved { table: "profile_traits", has: &has, why: TAKEN, help };
        self.not_reserved(&columns, "trait", &profiles);
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
                    let column = details.column.as_deref();
                    Said { logical_type: details.r#type, description, pii, column }
                }
            };
            columns.extend(self.column(map, key, &said));
        }
        self.landed_apart(&mut columns, "property", table, context);
        let has =
            |column: &Column| (column.name == "canonical_segment_id").then(|| column.name.clone());
        let help = &|_: &Column| SEND_OTHERWISE.to_owned();
        let resolved = &format!("{table}_resolved");
        let resolved = Reserved { table: resolved, has: &has, why: TAKEN, help };
        self.not_reserved(&columns, "property", &resolved);
        self.distinct(columns, "property")
    }

    /// Settles which landed columns these are: none is Segment's own. What is sent under a name of Segment's lands with `_`
    /// in front, and the models call it so where they show Segment's column, too.
    pub(super) fn landed_apart(
        &mut self,
        columns: &mut [Column],
        what: &str,
        table: &str,
        context: &[Column],
    ) {
        let own = own(table);
        let in_context = |name: &str| context.iter().any(|one| one.landed_name() == name);
        for column in &mut *columns {
            if column.landed.is_none() && own.has(&column.name) && !own.reads(&column.name) {
                column.landed = Some(format!("_{}", column.name));
            }
        }
        let has = |column: &Column| {
            let landed = column.landed_name();
            let is_own = own.has(landed) && !own.allows(landed);
            (is_own || in_context(landed)).then(|| landed.to_owned())
        };
        let help = |column: &Column| {
            let name = &column.name;
            if column.landed.is_some() {
                return "that column is Segment's own: name the one that the customer's values are in".to_owned();
            }
            format!(
                "remove it, or send it under another name and write that one here; if it has landed under another name, such as `_{name}`, say so: `column: _{name}`"
            )
        };
        self.not_reserved(
            columns,
            what,
            &Reserved { table, has: &has, why: DISCARDED, help: &help },
        );
        for column in columns {
            if own.reads(&column.name)
                && let Some(landed) = &column.landed
            {
                column.name.clone_from(landed);
                column.landed = None;
            }
        }
    }

    /// The landed name that the project writes.
    pub(super) fn landed(&mut self, name: &str, place: &Place) -> Option<String> {
        if names::is_landed(name) {
            return Some(name.to_owned());
        }
        let message = format!("{} is not the name of a landed table or column", quoted(name));
        self.found.push(
            Diagnostic::error("landed-name", message)
                .at(place, "letters, digits and `_`, and no digit first")
                .help(
                    "write the name as the warehouse's catalog has it, without schema and quotes",
                ),
        );
        None
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
        let landed = said.column.and_then(|column| {
            let node = map.and_then(|map| map.get(key)?.node.get("column"));
            let place = node.map_or_else(|| place.clone(), |entry| self.place(&entry.node.span));
            self.landed(column, &place)
        });
        Some(Column {
            key: key.to_owned(),
            landed,
            name,
            logical_type: said.logical_type,
            kind: TraitKind::default(),
            description: said.description.map(str::to_owned),
            renamed_from: Vec::new(),
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
        let Reserved { table, has, why, help } = reserved;
        for column in columns {
            let Some(taken) = has(column) else { continue };
            let message =
                format!("the {what} {} has the name of a reserved column", quoted(&column.key));
            self.found.push(
                Diagnostic::error("reserved-name", message)
                    .at(&column.place, format!("`{table}` has a column `{taken}` of its own"))
                    .note(*why)
                    .help(help(column)),
            );
        }
    }

    /// Reports columns that are the same, landed or in the models, and keeps the first of each.
    fn distinct(&mut self, mut columns: Vec<Column>, what: &str) -> Vec<Column> {
        let mut shown: HashMap<String, &Column> = HashMap::with_capacity(columns.len());
        let mut landed: HashMap<String, &Column> = HashMap::with_capacity(columns.len());
        let mut is_first = Vec::with_capacity(columns.len());
        for column in &columns {
            let (name, land) = (&column.name, column.landed_name());
            // Not every warehouse keeps the case of a name.
            let first = *landed.entry(land.to_lowercase()).or_insert(column);
            let other = *shown.entry(name.to_lowercase()).or_insert(column);
            let (other, called) =
                if std::ptr::eq(first, column) { (other, name.as_str()) } else { (first, land) };
            is_first.push(std::ptr::eq(other, column));
            if std::ptr::eq(other, column) {
                continue;
            }
            let (one, two) = (quoted(&other.key), quoted(&column.key));
            let message = format!("{one} and {two} are the same column `{called}`");
            let help = if std::ptr::eq(first, column) {
                "give one of the two another name here, and keep its `column`"
            } else {
                "keep one of the two: Segment lands both in that one column; where one has landed in another, say so with `column`"
            };
            self.found.push(
                Diagnostic::error("name-collision", message)
                    .at(&column.place, format!("this {what} becomes `{called}`"))
                    .and_at(&other.place, "so does this")
                    .note("names become snake_case in the warehouse, as Segment writes them")
                    .help(help),
            );
        }
        let mut is_first = is_first.into_iter();
        columns.retain(|_| is_first.next().unwrap_or(true));
        columns.shrink_to_fit();
        columns
    }
}
