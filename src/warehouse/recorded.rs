//! Warehouses that no project file describes: one put together from a record, and the bare one of which a model's
//! meaning is taken.

use std::collections::HashSet;

use super::{ColumnFacts, LandedTable, ModelTable, TableColumn, Warehouse, landed, models};
use crate::diagnostic::{Place, Source};
use crate::project::{DynamicTables, LogicalType, Materialization, Model, ModelChoice, NullMeans};

/// A trait of each type, to stand for all.
const STAND_INS: [(&str, LogicalType); 5] = [
    ("idgraph_varchar", LogicalType::Varchar),
    ("idgraph_timestamp", LogicalType::Timestamp),
    ("idgraph_integer", LogicalType::Integer),
    ("idgraph_float", LogicalType::Float),
    ("idgraph_boolean", LogicalType::Boolean),
];

/// What a record knows of a model: which, how kept, name, comment, columns, and the landed table that one of resolved
/// events shows.
type ModelParts = (Model, Materialization, String, String, Vec<TableColumn>, Option<String>);

/// What a record knows of a warehouse.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The schemas of landed tables and of models.
    pub schemas: (String, String),
    /// Landed tables: name, comment, columns.
    pub landed: Vec<(String, String, Vec<TableColumn>)>,
    /// Models.
    pub models: Vec<ModelParts>,
    /// The landed table that traits are read from.
    pub traits_from: String,
    /// Whether NULL in a landed row unsets a trait.
    pub null_unsets: bool,
    /// Whether landed external ids say when one was taken away from its profile.
    pub removals: bool,
    /// The column that says when a row was loaded.
    pub load_time: String,
    /// How dynamic tables are refreshed.
    pub dynamic_tables: Option<DynamicTables>,
}

impl Warehouse {
    /// The warehouse of a record.
    pub fn recorded(parts: Parts) -> Self {
        let landed: Vec<LandedTable> = parts
            .landed
            .into_iter()
            .map(|(name, comment, columns)| LandedTable::new(name, comment, columns))
            .collect();
        let models: Vec<ModelTable> = parts
            .models
            .into_iter()
            .map(|(model, materialized, name, comment, columns, reads)| {
                let choice =
                    ModelChoice { model, materialized, name: name.clone(), place: nowhere() };
                let mut table = models::table(&[], &choice);
                if reads.is_some() {
                    (table.key, table.lookups) = models::EVENT_KEYS;
                }
                let recorded = ModelTable { name, comment, columns, reads, ..table };
                recorded.in_natural_order()
            })
            .collect();
        let is_incremental =
            |table: &ModelTable| table.materialized == Materialization::Incremental;
        Self {
            space: parts.schemas.0,
            models_schema: parts.schemas.1,
            traits_from: landed::known_source(&parts.traits_from),
            landed,
            null_means: if parts.null_unsets { NullMeans::Unset } else { NullMeans::Unknown },
            removals: parts.removals,
            load_time: if parts.load_time == "received_at" { "received_at" } else { "uuid_ts" },
            lookback: 0,
            watermarks: models.iter().any(is_incremental).then(models::watermarks),
            dynamic_tables: parts.dynamic_tables,
            // What runs by the clock is no part of what a migration changes.
            schedule: None,
            models,
        }
    }

    /// The warehouse without what the project configures, a trait of each type in place of its traits: what the
    /// models' SQL is apart from their columns.
    #[must_use]
    pub fn bare(&self) -> Self {
        let mut bare = self.clone();
        let traits =
            STAND_INS.map(|(name, logical_type)| configured(name, logical_type, "").into());
        for table in &mut bare.landed {
            // What has landed changes nothing of what is meant.
            (table.is_missing, table.absent) = (false, Vec::new());
            table.columns.retain(|column| column.place.is_none());
            if table.name == self.traits_from {
                table.columns.extend(traits.iter().cloned());
            }
        }
        let landed = bare.landed.clone();
        for model in &mut bare.models {
            model.columns.retain(|column| column.place.is_none());
            if let Some(table) =
                landed.iter().find(|table| Some(&table.name) == model.reads.as_ref())
            {
                model.columns.truncate(1);
                model.columns.extend(table.columns.iter().map(TableColumn::shown));
            }
            if model.model == Model::ProfileTraits {
                let end = model.columns.len().min(1);
                model.columns.splice(end..end, traits.iter().cloned());
            }
            model.order = Vec::new();
        }
        // These two are changed in place.
        if let Some(tables) = &mut bare.dynamic_tables {
            tables.target_lag = 1;
            "compute".clone_into(&mut tables.warehouse);
        }
        bare
    }

    /// The warehouse with these traits alone, in the tables that have traits.
    #[must_use]
    pub fn with_traits(&self, wanted: &[String]) -> Self {
        let mut fewer = self.clone();
        let keep = |column: &TableColumn| column.place.is_none() || wanted.contains(&column.name);
        for model in fewer.models.iter_mut().filter(|table| table.model == Model::ProfileTraits) {
            model.columns.retain(keep);
        }
        fewer
    }

    /// The warehouse with these event tables alone, named by themselves or by what shows them; what is not about the
    /// events of one kind stays.
    #[must_use]
    pub fn with_events(&self, wanted: &HashSet<&str>) -> Self {
        let shows = |model: &&ModelTable| wanted.contains(model.name.as_str());
        let shown = self.models.iter().filter(shows).filter_map(|model| model.reads.as_deref());
        let shown: HashSet<&str> = shown.chain(wanted.iter().copied()).collect();
        let is_wanted =
            |table: &&LandedTable| !table.is_own_event() || shown.contains(table.name.as_str());
        let landed: Vec<LandedTable> = self.landed.iter().filter(is_wanted).cloned().collect();
        let is_there = |name: &String| landed.iter().any(|table| table.name == *name);
        let models = self.models.iter().filter(|model| {
            wanted.contains(model.name.as_str()) || model.reads.as_ref().is_none_or(is_there)
        });
        Self {
            space: self.space.clone(),
            models_schema: self.models_schema.clone(),
            models: models.cloned().collect(),
            landed,
            watermarks: self.watermarks.clone(),
            dynamic_tables: self.dynamic_tables.clone(),
            schedule: self.schedule.clone(),
            ..*self
        }
    }

    /// The warehouse with the columns of models in the order in which a database has them, new ones behind them.
    #[must_use]
    pub fn in_order(&self, columns: impl Fn(&str) -> Option<Vec<String>>) -> Self {
        let mut ordered = self.clone();
        for table in &mut ordered.models {
            if let Some(had) = columns(&table.name) {
                table.keep_order(&had);
            }
        }
        ordered
    }
}

impl ModelTable {
    /// With the traits of `profile_traits` between its other columns, where the query has them.
    fn in_natural_order(mut self) -> Self {
        if self.model == Model::ProfileTraits {
            let had: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
            self.columns.sort_by_key(|column| match (&column.place, column.name.as_str()) {
                (Some(_), _) => 1,
                (None, "canonical_segment_id") => 0,
                (None, _) => 2,
            });
            self.keep_order(&had);
        }
        self
    }

    /// Puts its columns into the order in which a database has them, new ones behind them.
    pub(super) fn keep_order(&mut self, had: &[String]) {
        let place = |name: &str| {
            had.iter().position(|one| one.eq_ignore_ascii_case(name)).unwrap_or(usize::MAX)
        };
        // Of resolved events the query lists the columns as they are here; any other query has an order of its own.
        if self.reads.is_some() {
            self.columns.sort_by_key(|column| place(&column.name));
            return;
        }
        let mut order: Vec<String> =
            self.columns.iter().map(|column| column.name.clone()).collect();
        let natural = order.clone();
        order.sort_by_key(|name| place(name));
        self.order = if order == natural { Vec::new() } else { order };
    }

    /// Its columns in the order in which the database has them.
    pub fn columns_in_order(&self) -> Vec<&TableColumn> {
        let mut columns: Vec<&TableColumn> = self.columns.iter().collect();
        let place = |name: &String| self.order.iter().position(|one| one == name);
        columns.sort_by_key(|column| place(&column.name));
        columns
    }
}

/// A column as a record has it.
pub fn configured(name: &str, logical_type: LogicalType, comment: &str) -> ColumnFacts {
    let (name, comment) = (name.to_owned(), comment.to_owned());
    let renamed_from = Vec::new();
    ColumnFacts {
        name,
        shown_as: None,
        renamed_from,
        logical_type,
        comment,
        pii: None,
        place: Some(nowhere()),
    }
}

/// What no project file asks for has no place in one.
fn nowhere() -> Place {
    Place { source: Source::new("", ""), span: 0..0 }
}
