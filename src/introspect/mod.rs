//! What has landed in a space, held against a project: the traits, events, properties and context fields that it lacks.

mod export;

use std::collections::BTreeSet;

pub use export::Export;

use crate::dialect::Dialect;
use crate::engine::{Catalog, Kind};
use crate::project::{Addition, Column, LANDED_TABLES, LogicalType, Model, Project, TraitSource};
use crate::warehouse::{Discovered, discovered};

/// The columns by which the table of a track event is told from others: those that no row of one lacks.
const OF_TRACK: [&str; 5] = ["id", "segment_id", "received_at", "event", "event_text"];

/// Why something is left out that the project file names.
const IGNORED: &str = "`ignore` names it";

/// A table of the space.
#[derive(Debug, Clone)]
pub struct Landed {
    /// Its name, as the warehouse has it.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<LandedColumn>,
}

/// A column of a table of the space.
#[derive(Debug, Clone)]
pub struct LandedColumn {
    /// Its name, as the warehouse has it.
    pub name: String,
    /// Its type in the warehouse's own words.
    pub sql_type: String,
}

/// The tables of a space in a database. Landed ones may be idgraph's work where Segment had not landed them yet.
pub fn of_catalog(catalog: &Catalog, space: &str) -> Vec<Landed> {
    let tables = catalog
        .objects
        .iter()
        .filter(|((schema, _), found)| schema == space && found.kind == Kind::Table);
    let columns = |found: &crate::engine::Found| {
        let columns = found.columns.iter();
        columns
            .map(|one| LandedColumn { name: one.name.clone(), sql_type: one.sql_type.clone() })
            .collect()
    };
    tables.map(|(_, found)| Landed { name: found.name.clone(), columns: columns(found) }).collect()
}

/// What a project and a space have of each other.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    traits: Vec<(String, LogicalType)>,
    context: Vec<String>,
    events: Vec<(String, Vec<(String, LogicalType)>)>,
    /// What landed and is left out, with the reason.
    pub left_out: Vec<String>,
    /// Where the two say different types.
    pub differing: Vec<String>,
    /// What the project has and the space not yet.
    pub not_landed: Vec<String>,
}

/// Compares a project with the tables of its space.
pub fn compare(project: &Project, dialect: &Dialect, tables: &[Landed]) -> Findings {
    let mut comparison = Comparison { project, dialect, findings: Findings::default() };
    let mut seen = Seen::default();
    let mut named = Vec::new();
    for table in tables {
        match dialect.in_project(&table.name) {
            Some(name) => named.push((name, table)),
            None if is_of_event(table, dialect) => {
                comparison.leave(&table.name, "no event has a table of that name");
            }
            None => {}
        }
    }
    // In the order of a project's names, whatever the warehouse's is.
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, table) in named {
        comparison.table(&name, table, &mut seen);
    }
    comparison.absent(&seen);
    comparison.findings
}

/// What of the project has been seen in the space.
#[derive(Default)]
struct Seen {
    traits: BTreeSet<String>,
    context: BTreeSet<String>,
    /// By table, the properties.
    events: std::collections::BTreeMap<String, BTreeSet<String>>,
}

struct Comparison<'a> {
    project: &'a Project,
    dialect: &'a Dialect,
    findings: Findings,
}

impl Comparison<'_> {
    fn table(&mut self, name: &str, table: &Landed, seen: &mut Seen) {
        let project = self.project;
        let has_traits = match project.traits_from {
            TraitSource::Identifies => name == "identifies",
            TraitSource::ProfileTraitsUpdates => name == "profile_traits_updates",
        };
        let event = project.events.iter().find(|event| event.table == name);
        let is_fixed = LANDED_TABLES.contains(&name)
            || Model::ALL.iter().any(|one| one.name() == name)
            || project.models.iter().any(|one| one.name == name);
        let is_event = event.is_some() || (!is_fixed && is_of_event(table, self.dialect));
        if !is_event && !LANDED_TABLES.contains(&name) {
            return;
        }
        if project.ignored.iter().any(|one| one.is_table(name)) {
            self.leave(&table.name, IGNORED);
            return;
        }
        let mut values = Vec::new();
        for column in &table.columns {
            if self.is_ignored(name, column) {
                continue;
            }
            match discovered(name, &column.name) {
                Discovered::Own => {}
                Discovered::Context(key) => self.context(&table.name, column, key, seen),
                Discovered::Value if has_traits => {
                    let known = &project.traits;
                    values.extend(self.value(&table.name, column, known, &mut seen.traits));
                }
                Discovered::Value if is_event => {
                    let known = event.map_or(&[][..], |event| &event.properties);
                    let seen = seen.events.entry(name.to_owned()).or_default();
                    values.extend(self.value(&table.name, column, known, seen));
                }
                Discovered::Value => {}
            }
        }
        if has_traits {
            // The old name of a renamed trait goes on to land.
            let former = |name: &String| {
                project.traits.iter().any(|one| one.renamed_from.as_ref() == Some(name))
            };
            values.retain(|(name, _)| !former(name));
            self.findings.traits = values;
        } else if is_event {
            seen.events.entry(name.to_owned()).or_default();
            let key = event.map_or(name, |event| &event.name);
            if event.is_none() || !values.is_empty() {
                self.findings.events.push((key.to_owned(), values));
            }
        }
    }

    /// Whether a column is not wanted; of one that would be added otherwise, says so.
    fn is_ignored(&mut self, table: &str, column: &LandedColumn) -> bool {
        let is_it = self.project.ignored.iter().any(|one| one.is_column(table, &column.name));
        if is_it && discovered(table, &column.name) != Discovered::Own {
            self.leave(&format!("{table}.{}", column.name), IGNORED);
        }
        is_it
    }

    /// A trait or a property: its name and type, when the project does not have it.
    fn value(
        &mut self,
        table: &str,
        column: &LandedColumn,
        known: &[Column],
        seen: &mut BTreeSet<String>,
    ) -> Option<(String, LogicalType)> {
        let place = format!("{table}.{}", column.name);
        let Some(name) = self.dialect.in_project(&column.name) else {
            self.leave(&place, "nothing is landed under such a name");
            return None;
        };
        let logical = self.dialect.logical_type(&column.sql_type);
        seen.insert(name.clone());
        if let Some(known) = known.iter().find(|known| known.name == name) {
            let ours = self.dialect.sql_type(known.logical_type);
            // One SQL type may be that of several logical ones.
            if self.dialect.logical_type(ours) != logical {
                let word = known.logical_type.name();
                self.findings.differing.push(format!(
                    "{place} is {}, the project says {word}",
                    shown(&column.sql_type)
                ));
            }
            return None;
        }
        let Some(logical) = logical else {
            let why = format!("{} is no type that a project has", shown(&column.sql_type));
            self.leave(&place, &why);
            return None;
        };
        Some((name, logical))
    }

    fn context(&mut self, table: &str, column: &LandedColumn, key: &str, seen: &mut Seen) {
        let place = format!("{table}.{}", column.name);
        // In front of it stands a prefix, so it may begin with a digit.
        let named = self.dialect.in_project(&column.name);
        let Some(name) = named.filter(|name| !name.starts_with("context_context_")) else {
            self.leave(&place, "no context field has such a name");
            return;
        };
        let is_known = self.project.context.iter().any(|known| known.name == name);
        if !seen.context.insert(name.clone()) || is_known {
            return;
        }
        if self.dialect.logical_type(&column.sql_type) != Some(LogicalType::Varchar) {
            let why = format!("{} is no text, as context fields are", shown(&column.sql_type));
            self.leave(&place, &why);
            return;
        }
        self.findings.context.push(key.to_lowercase());
    }

    fn leave(&mut self, what: &str, why: &str) {
        self.findings.left_out.push(format!("{}: {why}", shown(what)));
    }

    /// What the project has and the space does not.
    fn absent(&mut self, seen: &Seen) {
        let project = self.project;
        let absent = &mut self.findings.not_landed;
        let traits = project.traits.iter().filter(|one| !seen.traits.contains(&one.name));
        absent.extend(traits.map(|one| format!("trait {}", one.key)));
        let context = project.context.iter().filter(|one| !seen.context.contains(&one.name));
        absent.extend(context.map(|one| format!("context field {}", one.key)));
        for event in &project.events {
            let Some(properties) = seen.events.get(&event.table) else {
                absent.push(format!("event {}", event.name));
                continue;
            };
            let missing = event.properties.iter().filter(|one| !properties.contains(&one.name));
            absent.extend(missing.map(|one| format!("property {} of {}", one.key, event.name)));
        }
    }
}

impl Findings {
    /// What the project file lacks; `None` when that is nothing.
    pub fn addition(&self) -> Option<Addition> {
        let typed = |columns: &[(String, LogicalType)]| {
            let entry = |(name, logical): &(String, LogicalType)| {
                (name.clone(), Addition::Word(logical.name().to_owned()))
            };
            Addition::Map(columns.iter().map(entry).collect())
        };
        let mut all = Vec::new();
        if !self.context.is_empty() {
            all.push(("context".to_owned(), Addition::List(self.context.clone())));
        }
        if !self.traits.is_empty() {
            let columns = vec![("columns".to_owned(), typed(&self.traits))];
            all.push(("traits".to_owned(), Addition::Map(columns)));
        }
        if !self.events.is_empty() {
            let event = |(name, properties): &(String, Vec<(String, LogicalType)>)| {
                let inside = match properties.is_empty() {
                    true => Vec::new(),
                    false => vec![("properties".to_owned(), typed(properties))],
                };
                (name.clone(), Addition::Map(inside))
            };
            all.push(("events".to_owned(), Addition::Map(self.events.iter().map(event).collect())));
        }
        (!all.is_empty()).then_some(Addition::Map(all))
    }
}

/// Whether a table has the columns of a track event's, and is not a view of one.
fn is_of_event(table: &Landed, dialect: &Dialect) -> bool {
    let has = |name: &str| {
        table.columns.iter().any(|one| dialect.in_project(&one.name).as_deref() == Some(name))
    };
    OF_TRACK.into_iter().all(has) && !has("canonical_segment_id")
}

/// A name of the warehouse for people: no control character in it steers a terminal.
fn shown(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).take(200).collect()
}
