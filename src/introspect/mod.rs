//! What has landed in a space, held against a project: the traits, events, properties and context fields that it lacks.

mod export;
mod record;

use std::collections::BTreeSet;

pub use export::Export;
pub use record::{recorded, stale};

use crate::dialect::{Dialect, Named};
use crate::engine::{Catalog, Kind};
use crate::project::{
    Addition, CALL_TABLES, Column, LANDED_TABLES, LandedTables, LogicalType, Model, Project,
    TraitSource, shown_as,
};
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

/// A trait or property that the project lacks.
#[derive(Debug, Clone)]
struct Value {
    key: String,
    logical_type: LogicalType,
    /// The landed column, where its name does not say so.
    column: Option<String>,
}

/// An event that the project lacks, or some of its properties.
#[derive(Debug, Clone)]
struct Event {
    key: String,
    properties: Vec<Value>,
    /// The landed table, where its name does not say so.
    table: Option<String>,
}

/// What has landed in a space of a database: all that stands there, whoever made it.
pub fn landed_in(catalog: &Catalog, space: &str) -> LandedTables {
    let mut landed = LandedTables::default();
    for ((_, name), found) in catalog.objects.iter().filter(|((schema, _), _)| schema == space) {
        let columns = found.columns.iter().map(|one| (one.name.clone(), one.sql_type.clone()));
        landed.insert(name, columns);
    }
    landed
}

/// What a project and a space have of each other.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    traits: Vec<Value>,
    context: Vec<String>,
    events: Vec<Event>,
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
    let mut all: Vec<(String, Option<String>, &Landed)> = Vec::new();
    for table in tables {
        let known = project.events.iter().find(|event| {
            let landed = dialect.landed_table_name(&event.table, event.names_table);
            landed.eq_ignore_ascii_case(&table.name)
        });
        let known = known.map(|event| (event.table.clone(), None));
        let named = || dialect.named_table(&table.name).map(|one| (one.key, one.column));
        match known.or_else(named) {
            Some((name, given)) => all.push((name, given, table)),
            None if is_of_event(table, dialect) => {
                comparison.leave(&table.name, "no event has a table of that name");
            }
            None => {}
        }
    }
    // In the order of a project's names, whatever the warehouse's is.
    all.sort_by(|(one, given, _), (other, others, _)| (one, given).cmp(&(other, others)));
    let mut last = None;
    for (name, given, table) in all {
        // Of two tables with one name in the project, the first has it.
        let is_taken =
            last.as_ref() == Some(&name) || comparison.has_event(&name) || is_fixed(&name);
        if given.is_some() && is_taken {
            if is_of_event(table, dialect) {
                let why = format!(
                    "another table is `{name}` to a project; list this one under a name of your own, with `table`"
                );
                comparison.leave(&table.name, &why);
            }
            continue;
        }
        comparison.table((&name, given.as_deref()), table, &mut seen);
        last = Some(name);
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
    fn has_event(&self, table: &str) -> bool {
        self.project.events.iter().any(|event| event.table == table)
    }

    fn table(&mut self, (name, given): (&str, Option<&str>), table: &Landed, seen: &mut Seen) {
        let project = self.project;
        let has_traits = match project.traits_from {
            TraitSource::Identifies => name == "identifies",
            TraitSource::ProfileTraitsUpdates => name == "profile_traits_updates",
        };
        let event = project.events.iter().find(|event| event.table == name);
        let resolves = || project.models.iter().any(|one| one.model == Model::ResolvedEvents);
        let is_call = CALL_TABLES.contains(&name);
        let is_event = event.is_some()
            || (!is_fixed(name) && is_of_event(table, self.dialect))
            // Of calls nothing but their views is shown.
            || (is_call && resolves());
        if !is_event && !LANDED_TABLES.contains(&name) {
            return;
        }
        if project.ignored.iter().any(|one| one.is_table(name)) {
            self.leave(&table.name, IGNORED);
            return;
        }
        let mut values = Vec::new();
        let by_rule = self.named_by_rule(name, table);
        for column in &table.columns {
            if self.is_ignored(name, column) {
                continue;
            }
            match discovered(name, &column.name) {
                Discovered::Own => {}
                Discovered::Context(key) => self.context(&table.name, column, key, seen),
                Discovered::Value if has_traits => {
                    let known = &project.traits;
                    let known = (known.as_slice(), &by_rule, values.as_slice());
                    let value = self.value((name, &table.name), column, known, &mut seen.traits);
                    values.extend(value);
                }
                Discovered::Value if is_event => {
                    let known = event.map_or(&[][..], |event| &event.properties);
                    let seen = seen.events.entry(name.to_owned()).or_default();
                    let known = (known, &by_rule, values.as_slice());
                    let value = self.value((name, &table.name), column, known, seen);
                    values.extend(value);
                }
                Discovered::Value => {}
            }
        }
        if has_traits {
            // The old name of a renamed trait goes on to land.
            let former = |name: &String| {
                project
                    .traits
                    .iter()
                    .any(|one| one.renamed_from.iter().any(|one| one.name == *name))
            };
            values.retain(|one: &Value| !former(&one.key));
            self.findings.traits = values;
        } else if is_event {
            seen.events.entry(name.to_owned()).or_default();
            let mut models = project.models.iter();
            let choice = models.find(|choice| choice.model == Model::ResolvedEvents);
            let pattern = choice.map_or(Model::ResolvedEvents.usual_table(), |choice| &choice.name);
            let view = shown_as(pattern, name);
            if event.is_none()
                && let Some((length, limit, unit)) = self.dialect.too_long(&view)
            {
                let title = &self.dialect.facts.title;
                self.leave(
                    &table.name,
                    &format!("its view {view} would have {length} {unit}, {title} takes {limit}"),
                );
                return;
            }
            let key = event.map_or(name, |event| &event.name);
            if (event.is_none() && !is_call) || !values.is_empty() {
                let table = given.map(str::to_owned).filter(|_| event.is_none());
                self.findings.events.push(Event { key: key.to_owned(), properties: values, table });
            }
        }
    }

    /// The names in the project of those columns that need no `column` beside them.
    fn named_by_rule(&self, name: &str, table: &Landed) -> BTreeSet<String> {
        let columns = table.columns.iter();
        let named = columns.filter_map(|column| self.dialect.named_column(name, &column.name));
        named.filter(|named| named.column.is_none()).map(|named| named.key).collect()
    }

    /// Whether a column is not wanted; of one that would be added otherwise, says so.
    fn is_ignored(&mut self, table: &str, column: &LandedColumn) -> bool {
        let is_it = self.project.ignored.iter().any(|one| one.is_column(table, &column.name));
        if is_it && discovered(table, &column.name) != Discovered::Own {
            self.leave(&format!("{table}.{}", column.name), IGNORED);
        }
        is_it
    }

    /// A trait or a property, when the project does not have it and none of its table has its name: of those named `by_rule`, and
    /// the `others` that are to be added.
    fn value(
        &mut self,
        (table, shown_table): (&str, &str),
        column: &LandedColumn,
        (known, by_rule, others): (&[Column], &BTreeSet<String>, &[Value]),
        seen: &mut BTreeSet<String>,
    ) -> Option<Value> {
        let place = format!("{shown_table}.{}", column.name);
        let dialect = self.dialect;
        let landed = |one: &&Column| {
            let landed = dialect.landed_name(one.landed_name(), one.landed.is_some());
            landed.eq_ignore_ascii_case(&column.name)
        };
        if let Some(known) = known.iter().find(landed) {
            seen.insert(known.name.clone());
            if !dialect.can_read(&column.sql_type, known.logical_type) {
                let word = known.logical_type.name();
                self.findings.differing.push(format!(
                    "{place} is {}, the project says {word}",
                    shown(&column.sql_type)
                ));
            }
            return None;
        }
        let Some(Named { key, column: landed_as }) = dialect.named_column(table, &column.name)
        else {
            self.leave(&place, "no project can name it");
            return None;
        };
        let is_taken = landed_as.is_some() && by_rule.contains(&key)
            || known.iter().any(|one| one.name == key)
            || others.iter().any(|one| one.key == key);
        if is_taken {
            self.leave(&place, &format!("another column is `{key}`; list this one under a name of your own, with `column`"));
            return None;
        }
        let Some(logical_type) = dialect.project_type(&column.sql_type) else {
            let why = format!("{} is no type that a project has", shown(&column.sql_type));
            self.leave(&place, &why);
            return None;
        };
        Some(Value { key, logical_type, column: landed_as })
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
        if !self.dialect.can_read(&column.sql_type, LogicalType::Varchar) {
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
        let word = |text: &str| Addition::Word(text.to_owned());
        let typed = |values: &[Value]| {
            let entry = |one: &Value| {
                let logical_type = word(one.logical_type.name());
                let said = match &one.column {
                    None => logical_type,
                    Some(column) => Addition::Map(vec![
                        ("type".to_owned(), logical_type),
                        ("column".to_owned(), word(column)),
                    ]),
                };
                (one.key.clone(), said)
            };
            Addition::Map(values.iter().map(entry).collect())
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
            let event = |event: &Event| {
                let table = event.table.iter().map(|table| ("table".to_owned(), word(table)));
                let properties = (!event.properties.is_empty())
                    .then(|| ("properties".to_owned(), typed(&event.properties)));
                (event.key.clone(), Addition::Map(table.chain(properties).collect()))
            };
            all.push(("events".to_owned(), Addition::Map(self.events.iter().map(event).collect())));
        }
        (!all.is_empty()).then_some(Addition::Map(all))
    }
}

/// Whether Segment lands, or idgraph builds, a table of that name in every space.
fn is_fixed(name: &str) -> bool {
    LANDED_TABLES.contains(&name) || Model::ALL.iter().any(|one| one.name() == name)
}

/// The event tables that have landed and that a project neither lists nor ignores, as the warehouse names them.
pub fn unlisted(project: &Project, dialect: &Dialect, tables: &[Landed]) -> Vec<String> {
    let is_known = |name: &str| {
        LANDED_TABLES.contains(&name)
            || Model::ALL.iter().any(|one| one.name() == name)
            || project.events.iter().any(|event| event.table == name)
            || project.ignored.iter().any(|one| one.is_table(name))
    };
    let is_new = |table: &&Landed| {
        dialect.in_project(&table.name).is_some_and(|name| !is_known(&name))
            && is_of_event(table, dialect)
    };
    tables.iter().filter(is_new).map(|table| table.name.clone()).collect()
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
