//! The warehouse: landed tables and models as plain data, without dialect and without SQL.

mod column;
mod discovered;
mod landed;
mod live;
mod models;
mod recorded;

pub use column::{ColumnFacts, TableColumn};
pub use discovered::{Discovered, discovered};
pub use landed::landed_table;
pub use live::is_essential;
pub use recorded::{Parts, configured as recorded_column};
pub mod state;

use std::collections::HashMap;

use crate::diagnostic::Place;
use crate::project::{
    CALL_TABLES, DynamicTables, LandedColumns, LoadTime, Materialization, Model, NullMeans,
    Project, Schedule,
};

/// Everything that a project's warehouse holds.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// The schema that landed tables live in.
    pub space: String,
    /// The schema that materialized tables live in.
    pub models_schema: String,
    /// The tables that Segment lands and the project uses.
    pub landed: Vec<LandedTable>,
    /// The landed table that traits are read from, by name.
    pub traits_from: &'static str,
    /// What NULL in a landed row means for a trait.
    pub null_means: NullMeans,
    /// Whether landed external ids say when one was taken away from its profile.
    pub removals: bool,
    /// The column that says when a row was loaded.
    pub load_time: &'static str,
    /// How far behind the newest row already read a row may still land, in seconds.
    pub lookback: u64,
    /// Where incremental models note how far they have read; `None` when no model is incremental.
    pub watermarks: Option<StateTable>,
    /// How dynamic tables are refreshed; `None` when no model is one.
    pub dynamic_tables: Option<DynamicTables>,
    /// When the refresh runs by itself; `None` when nothing is said of it.
    pub schedule: Option<Schedule>,
    /// The tables that idgraph builds, in the order of building.
    pub models: Vec<ModelTable>,
}

/// A table that Segment lands.
#[derive(Debug, Clone)]
pub struct LandedTable {
    /// Its name, not quoted.
    pub name: String,
    /// What its rows are.
    pub comment: String,
    /// Its columns in the order of the DDL.
    pub columns: Vec<TableColumn>,
    /// Those of them that Segment has not landed yet: NULL until then.
    pub absent: Vec<TableColumn>,
    /// Whether the project names it, so that no rule says what it is called.
    pub is_named: bool,
    /// Whether it has not landed: no rows until then.
    pub is_missing: bool,
    /// What has landed of it, with the types that the warehouse has; `None` where nobody looked, and where it has not landed.
    pub found: Option<LandedColumns>,
    /// What the models look rows up by: worth an index or clustering.
    pub lookups: &'static [&'static str],
    /// Whether its rows are events, which resolve to a profile.
    pub is_event: bool,
    /// Where the project asks for it; `None` for a table every project has.
    pub place: Option<Place>,
}

/// A table or view that idgraph builds.
#[derive(Debug, Clone)]
pub struct ModelTable {
    /// Which model.
    pub model: Model,
    /// How it is kept.
    pub materialized: Materialization,
    /// Its name, not quoted.
    pub name: String,
    /// What its rows are.
    pub comment: String,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// The columns that tell one row from another.
    pub key: &'static [&'static str],
    /// What people look rows up by, the key included: worth an index or clustering.
    pub lookups: &'static [&'static str],
    /// The names of its columns in the order in which the database has them; empty: as here.
    pub order: Vec<String>,
    /// For resolved events: the landed table that it shows.
    pub reads: Option<String>,
    /// Where the project chose it.
    pub place: Place,
    /// Whether a database is known to lack it: then there are no rows to keep.
    pub is_new: bool,
}

/// A table in which idgraph keeps what it must remember between refreshes.
#[derive(Debug, Clone)]
pub struct StateTable {
    /// Its name, not quoted.
    pub name: String,
    /// What its rows are.
    pub comment: String,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// The columns of which no two rows have the same values; none where that does not matter.
    pub key: &'static [&'static str],
}

/// The landed table that every model follows merges by.
pub const GRAPH_UPDATES: &str = "id_graph_updates";

impl ModelTable {
    /// The landed table that its rows come from, where that is not the one of merges.
    pub fn own_source<'a>(&'a self, warehouse: &Warehouse) -> Option<&'a str> {
        match self.model {
            Model::IdGraph | Model::ProfileMerges => None,
            Model::ResolvedEvents => self.reads.as_deref(),
            Model::ProfileTraits | Model::UserTraits => Some(warehouse.traits_from),
            Model::ExternalIdMapping | Model::UserIdentifiers => {
                Some("external_id_mapping_updates")
            }
        }
    }

    /// All landed tables that it is filled from.
    pub fn landed_sources<'a>(&'a self, warehouse: &Warehouse) -> impl Iterator<Item = &'a str> {
        [GRAPH_UPDATES].into_iter().chain(self.own_source(warehouse))
    }
}

impl Warehouse {
    /// The warehouse of a project.
    pub fn of(project: &Project) -> Self {
        let landed = landed::tables(project);
        let models = models::tables(project, &landed);
        Self {
            space: project.space.value.clone(),
            models_schema: project.models_schema.value.clone(),
            traits_from: landed::traits_from(project),
            landed,
            null_means: project.null_means,
            removals: project.removals,
            load_time: match project.load_time {
                LoadTime::UuidTs => "uuid_ts",
                LoadTime::ReceivedAt => "received_at",
            },
            lookback: project.lookback.value,
            watermarks: models
                .iter()
                .any(|table| table.materialized == Materialization::Incremental)
                .then(models::watermarks),
            dynamic_tables: project.dynamic_tables.as_ref().map(|one| one.value.clone()),
            schedule: project.schedule.as_ref().map(|one| one.value.clone()),
            models,
        }
    }

    /// A landed table by name.
    pub fn landed_table(&self, name: &str) -> Option<&LandedTable> {
        self.landed.iter().find(|table| table.name == name)
    }

    /// The landed tables by name, for who looks many up.
    pub fn landed_by_name(&self) -> HashMap<&str, &LandedTable> {
        self.landed.iter().map(|table| (table.name.as_str(), table)).collect()
    }

    /// The landed table that a model shows; `None` for a model that is computed.
    pub fn read_by(&self, model: &ModelTable) -> Option<&LandedTable> {
        self.landed_table(model.reads.as_deref()?)
    }

    /// What the table of a model is called.
    pub fn table_of(&self, model: Model) -> &str {
        let table = self.models.iter().find(|table| table.model == model);
        table.map_or(model.name(), |table| &table.name)
    }

    /// The columns that are traits, as the model has them.
    pub fn traits(&self) -> &[TableColumn] {
        let profile_traits = self.models.iter().find(|table| table.model == Model::ProfileTraits);
        profile_traits.map_or(&[], |table| models::traits_among(&table.columns))
    }
}

impl LandedTable {
    /// A table of these columns, of which nobody knows whether it has landed.
    pub(crate) fn new(name: String, comment: String, columns: Vec<TableColumn>) -> Self {
        Self {
            lookups: landed::lookups(&name),
            is_event: landed::is_event(&name),
            name,
            comment,
            columns,
            absent: Vec::new(),
            is_named: false,
            is_missing: false,
            found: None,
            place: None,
        }
    }

    /// Whether a column of it has landed, as far as anybody looked.
    pub fn has_landed(&self, column: &TableColumn) -> bool {
        !self.is_missing && !self.lacks(column)
    }

    /// Whether a trait has landed, under its name or one that it had before.
    pub fn has_trait(&self, column: &TableColumn) -> bool {
        !self.is_missing && (!self.lacks(column) || !self.before(column).is_empty())
    }

    /// The columns that a trait landed in before and that are there, the newest first.
    pub fn before(&self, column: &ColumnFacts) -> Vec<&TableColumn> {
        let called = |name: &String| self.columns.iter().find(|one| one.shown_name() == name);
        let before = column.renamed_from.iter().filter_map(called);
        before.filter(|one| !self.lacks(one)).collect()
    }

    /// Whether it has landed without a column.
    pub fn lacks(&self, column: &TableColumn) -> bool {
        self.absent.iter().any(|absent| absent.shown_name() == column.shown_name())
    }

    /// Whether a project lists columns of it under `events`.
    pub fn has_properties(&self) -> bool {
        self.is_own_event() || CALL_TABLES.contains(&self.name.as_str())
    }

    /// Whether its rows are those of one track event, so that a project lists its columns as the event's properties.
    pub fn is_own_event(&self) -> bool {
        self.is_event && !landed::is_of_all(&self.name)
    }
}
