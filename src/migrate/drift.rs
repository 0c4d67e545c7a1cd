//! In what a database is not as it should be: as the recorded schema says, or where there is none, the project.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::directive::dotted;
use super::record;
use super::schema::Schema;
use crate::dialect::Dialect;
use crate::engine::{Catalog, Found, Kind};
use crate::project::words::has_word;
use crate::project::{Ignored, Materialization, Project};
use crate::render::{Action, ObjectRef, Statement};
use crate::warehouse::{LandedTable, ModelTable, StateTable, TableColumn, Warehouse, discovered};

/// What a database should hold.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Its tables and views.
    pub warehouse: Warehouse,
    /// What lands and is not wanted.
    ignored: Vec<Ignored>,
}

impl Expected {
    /// What a project says.
    pub fn of_project(project: &Project, warehouse: Warehouse) -> Self {
        Self { warehouse, ignored: project.ignored.clone() }
    }

    /// What the migrations of a project leave, as recorded beside them.
    pub fn recorded(project: &Project, schema: &Schema) -> Self {
        Self { warehouse: record::warehouse(schema), ignored: project.ignored.clone() }
    }
}

/// A difference between a database and what it should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The schema.
    pub schema: String,
    /// The table or view.
    pub table: String,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// Whether Segment lands the table.
    pub is_landed: bool,
    /// What differs.
    pub difference: Difference,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The table, view or column is not there.
    Missing,
    /// The landed table, or a column of it, is not there: Segment adds it with its first row or value.
    NotLanded,
    /// It is there, where idgraph builds, and others made it.
    Foreign,
    /// It is something else than it should be.
    OtherKind {
        /// What it is.
        found: Kind,
        /// What it should be.
        wanted: Kind,
    },
    /// The column has another type.
    OtherType {
        /// What it has.
        found: String,
        /// What it should have.
        wanted: String,
    },
    /// The column of a model was added by hand.
    Added,
    /// The landed column looks like a trait or a property that the project does not list.
    Discovered {
        /// Its type.
        found: String,
        /// What to write in the project file for it: `plan: varchar`.
        entry: String,
        /// Whether it would be a property of an event, as against a trait.
        is_property: bool,
    },
}

impl Difference {
    /// Whether somebody should do something about it. Segment adds a column by itself.
    pub fn is_drift(&self) -> bool {
        *self != Self::NotLanded
    }
}

impl Drift {
    /// The object as people write it, with the column where it is about one.
    pub fn name(&self) -> String {
        match &self.column {
            Some(column) => dotted(&[&self.schema, &self.table, column]),
            None => dotted(&[&self.schema, &self.table]),
        }
    }

    /// Whether statements that are about to run settle it.
    pub fn is_settled_by(&self, doing: &Doing<'_>) -> bool {
        doing.of(&self.schema, &self.table).iter().any(|one| self.is_settled(one))
    }

    fn is_settled(&self, statement: &Statement) -> bool {
        let code = || statement.code();
        let makes = matches!(statement.action, Action::CreateTable | Action::CreateView);
        match (&self.difference, &self.column) {
            (Difference::Foreign | Difference::Discovered { .. }, _) => false,
            (_, None) => makes || code().starts_with("drop "),
            (_, Some(_)) if statement.action == Action::CreateView => true,
            // What adds a column that is there already changes nothing about its type.
            (Difference::OtherType { .. }, Some(column)) => {
                let code = code();
                let adds = code.contains(" add column ");
                code.starts_with("alter ") && !adds && has_word(&code, column)
            }
            (_, Some(column)) => {
                let code = code();
                (makes || code.starts_with("alter ")) && has_word(&code, column)
            }
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match (&self.difference, &self.column) {
            (Difference::Missing, _) => write!(to, "{name} is not there"),
            (Difference::NotLanded, _) => {
                write!(to, "{name} is not there: Segment adds it with its first value")
            }
            (Difference::Foreign, _) => {
                write!(to, "{name} was made by others: idgraph will not change it")
            }
            (Difference::OtherKind { found, wanted }, _) => {
                write!(to, "{name} is {}, and the project wants {}", found.noun(), wanted.noun())
            }
            (Difference::OtherType { found, wanted }, _) => {
                write!(to, "{name} is {found}, and the project says {wanted}")
            }
            (Difference::Added, _) => write!(to, "{name} is not the project's"),
            (Difference::Discovered { found, is_property, .. }, _) => {
                let what = if *is_property { "property" } else { "trait" };
                write!(to, "{name} is {found}, landed by Segment, and looks like a new {what}")
            }
        }
    }
}

/// Statements that are about to run, by their targets.
#[derive(Debug, Default)]
pub struct Doing<'a>(BTreeMap<(String, String), Vec<&'a Statement>>);

impl<'a> Doing<'a> {
    /// Of these statements.
    pub fn new(statements: impl IntoIterator<Item = &'a Statement>) -> Self {
        let mut doing = Self::default();
        for statement in statements {
            if let Some(ObjectRef { schema: Some(schema), name }) = &statement.target {
                doing.0.entry((schema.clone(), name.clone())).or_default().push(statement);
            }
        }
        doing
    }

    fn of(&self, schema: &str, table: &str) -> &[&'a Statement] {
        self.0.get(&(schema.to_lowercase(), table.to_lowercase())).map_or(&[], Vec::as_slice)
    }
}

/// Everything in which a database is not as it should be, an object or column each.
pub fn drift(expected: &Expected, dialect: &Dialect, catalog: &Catalog) -> Vec<Drift> {
    let warehouse = &expected.warehouse;
    let mut all = Vec::new();
    for table in &warehouse.landed {
        let at = At { schema: &warehouse.space, table: &table.name, is_landed: true };
        match catalog.find(&warehouse.space, &table.name) {
            None => all.push(at.object(Difference::NotLanded)),
            Some(found) => {
                all.extend(at.columns(found, &table.columns, dialect));
                all.extend(new_values(&at, found, table, expected, dialect));
            }
        }
    }
    if let Some(table) = &warehouse.watermarks {
        let at = At { schema: &warehouse.models_schema, table: &table.name, is_landed: false };
        all.extend(at.built(catalog, Kind::Table, &table.columns, dialect));
    }
    for table in &warehouse.models {
        let at = At { schema: &warehouse.models_schema, table: &table.name, is_landed: false };
        let built = at.built(catalog, kind(table), &table.columns, dialect);
        let shows = table.reads.as_ref().and_then(|landed| catalog.find(&warehouse.space, landed));
        all.extend(built.into_iter().filter(|one| !is_shown(one, table, shows)));
    }
    all
}

/// Whether a view's column has the type of the landed one that it shows: that has been said of the landed one, or can be read.
fn is_shown(one: &Drift, table: &ModelTable, shows: Option<&Found>) -> bool {
    let (Difference::OtherType { found, .. }, Some(column), Some(shows)) =
        (&one.difference, &one.column, shows)
    else {
        return false;
    };
    let landed = shows.column(column);
    kind(table) == Kind::View && landed.is_some_and(|landed| landed.sql_type == *found)
}

/// In what a table or view is not what a model asks for.
pub(super) fn misfits(
    schema: &str,
    found: &Found,
    table: &ModelTable,
    dialect: &Dialect,
) -> Vec<Drift> {
    let at = At { schema, table: &table.name, is_landed: false };
    at.misfits(found, kind(table), &table.columns, dialect)
}

/// In what a table is not one of our own.
pub(super) fn misfits_of_state(
    schema: &str,
    found: &Found,
    table: &StateTable,
    dialect: &Dialect,
) -> Vec<Drift> {
    let at = At { schema, table: &table.name, is_landed: false };
    at.misfits(found, Kind::Table, &table.columns, dialect)
}

fn kind(table: &ModelTable) -> Kind {
    match table.materialized {
        Materialization::View => Kind::View,
        _ => Kind::Table,
    }
}

/// Columns that were sent and that the project could list. What no project can name is no use to it.
fn new_values(
    at: &At<'_>,
    found: &Found,
    table: &LandedTable,
    expected: &Expected,
    dialect: &Dialect,
) -> Vec<Drift> {
    if table.name != expected.warehouse.traits_from && !table.has_properties() {
        return Vec::new();
    }
    let is_known =
        |name: &str| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let is_new = |name: &str| {
        discovered(&table.name, name).is_value()
            && !is_known(name)
            && !expected.ignored.iter().any(|one| one.is_column(&table.name, name))
    };
    // The columns that a project would call the same.
    let mut named: HashMap<String, Vec<&str>> = HashMap::new();
    for column in &found.columns {
        if discovered(&table.name, &column.name).is_value()
            && let Some(one) = dialect.named_column(&table.name, &column.name)
        {
            named.entry(one.key).or_default().push(&column.name);
        }
    }
    let new = found.columns.iter().filter(|column| is_new(&column.name));
    let drift = |column: &crate::engine::FoundColumn| {
        let found = column.sql_type.clone();
        let entry = dialect.entry((&table.name, &column.name, &found), |one| {
            // Of two that are new, the one that needs no `column` beside it has the name.
            let takes =
                |other: &&str| **other != *column.name && (is_known(other) || one.column.is_some());
            named.get(&one.key).into_iter().flatten().any(takes)
        });
        let is_property = table.has_properties();
        Some(at.column(&column.name, Difference::Discovered { found, entry: entry?, is_property }))
    };
    new.filter_map(drift).collect()
}

/// What has not landed, a line for each table, its columns behind it where only those are late.
pub fn late_by_table(late: &[&Drift]) -> Vec<String> {
    let tables = late.chunk_by(|one, other| {
        (&one.schema, &one.table) == (&other.schema, &other.table) && one.column.is_some()
    });
    let line = |drifts: &[&Drift]| {
        let columns: Vec<_> = drifts.iter().filter_map(|one| one.column.as_deref()).collect();
        let table = drifts.first().map(|one| dotted(&[&one.schema, &one.table]));
        let table = table.unwrap_or_default();
        if columns.is_empty() { table } else { format!("{table}: {}", columns.join(", ")) }
    };
    tables.map(line).collect()
}

/// The table or view that is looked at.
struct At<'a> {
    schema: &'a str,
    table: &'a str,
    is_landed: bool,
}

impl At<'_> {
    fn object(&self, difference: Difference) -> Drift {
        Drift {
            schema: self.schema.to_owned(),
            table: self.table.to_owned(),
            column: None,
            is_landed: self.is_landed,
            difference,
        }
    }

    fn column(&self, name: &str, difference: Difference) -> Drift {
        Drift { column: Some(name.to_owned()), ..self.object(difference) }
    }

    /// Of what idgraph builds.
    fn built(
        &self,
        catalog: &Catalog,
        wanted: Kind,
        columns: &[TableColumn],
        dialect: &Dialect,
    ) -> Vec<Drift> {
        let Some(found) = catalog.find(self.schema, self.table) else {
            return vec![self.object(Difference::Missing)];
        };
        let foreign = (!found.is_ours).then(|| self.object(Difference::Foreign));
        foreign.into_iter().chain(self.misfits(found, wanted, columns, dialect)).collect()
    }

    fn misfits(
        &self,
        found: &Found,
        wanted: Kind,
        columns: &[TableColumn],
        dialect: &Dialect,
    ) -> Vec<Drift> {
        if found.kind != wanted {
            return vec![self.object(Difference::OtherKind { found: found.kind, wanted })];
        }
        let mut all = self.columns(found, columns, dialect);
        let is_wanted = |had: &str| columns.iter().any(|one| one.name.eq_ignore_ascii_case(had));
        let more = found.columns.iter().filter(|had| !is_wanted(&had.name));
        all.extend(more.map(|had| self.column(&had.name, Difference::Added)));
        all
    }

    fn columns(&self, found: &Found, wanted: &[TableColumn], dialect: &Dialect) -> Vec<Drift> {
        let lacks = if self.is_landed { Difference::NotLanded } else { Difference::Missing };
        let differs = |column: &TableColumn| {
            let wanted = dialect.sql_type(column.logical_type);
            match found.column(&column.name) {
                None => Some(self.column(&column.name, lacks.clone())),
                // Where a view's column is an expression, SQLite knows no type of it.
                Some(had)
                    if !(had.sql_type.is_empty()
                        || had.sql_type.eq_ignore_ascii_case(wanted)
                        || dialect.is_same_type(&had.sql_type, wanted)
                        || self.is_landed
                            && dialect.can_read(&had.sql_type, column.logical_type)) =>
                {
                    let (found, wanted) = (had.sql_type.clone(), wanted.to_owned());
                    Some(self.column(&column.name, Difference::OtherType { found, wanted }))
                }
                Some(_) => None,
            }
        };
        wanted.iter().filter_map(differs).collect()
    }
}
