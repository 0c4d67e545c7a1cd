//! The tables that idgraph builds, and how each is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::diagnostic::Place;

/// A table that idgraph builds. The order is that of building.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Where every profile id points now.
    IdGraph,
    /// Which profile holds each external id.
    ExternalIdMapping,
    /// The last value of every trait of every profile.
    ProfileTraits,
    /// `profile_traits` in long form.
    UserTraits,
    /// `external_id_mapping` in Segment's fixed form.
    UserIdentifiers,
    /// `id_graph` in Segment's fixed form.
    ProfileMerges,
    /// A view for each event table, with the canonical profile in front.
    ResolvedEvents,
}

impl Model {
    /// All of them, in the order of building.
    pub const ALL: [Self; 7] = [
        Self::IdGraph,
        Self::ExternalIdMapping,
        Self::ProfileTraits,
        Self::UserTraits,
        Self::UserIdentifiers,
        Self::ProfileMerges,
        Self::ResolvedEvents,
    ];

    /// What its table is called where the project says nothing else; of resolved events `*` stands for the event table.
    pub fn usual_table(self) -> &'static str {
        match self {
            Self::ResolvedEvents => "*_resolved",
            other => other.name(),
        }
    }

    /// Its name in the project file.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdGraph => "id_graph",
            Self::ExternalIdMapping => "external_id_mapping",
            Self::ProfileTraits => "profile_traits",
            Self::UserTraits => "user_traits",
            Self::UserIdentifiers => "user_identifiers",
            Self::ProfileMerges => "profile_merges",
            Self::ResolvedEvents => "resolved_events",
        }
    }
}

/// A model that is on.
#[derive(Debug, Clone)]
pub struct ModelChoice {
    /// Which.
    pub model: Model,
    /// How it is kept in the warehouse.
    pub materialized: Materialization,
    /// What its table is called; for resolved events, `*` stands for the event table.
    pub name: String,
    /// Where it was written; for a default, the file's start.
    pub place: Place,
}

impl ModelChoice {
    /// What its table is called; `event` is the event table that is shown, for resolved events.
    pub fn table(&self, event: &str) -> String {
        shown_as(&self.name, event)
    }
}

/// The longest name that every warehouse takes, in bytes.
const LONGEST: usize = 63;

/// What shows an event table: its name in the place of `*`. Where that is too long for some warehouse, a part of the name and a hash.
pub fn shown_as(name: &str, event: &str) -> String {
    let others = name.len().saturating_sub(1);
    if event.len() + others <= LONGEST || !event.is_ascii() || !name.contains('*') {
        return name.replace('*', event);
    }
    let hash = Sha1::digest(event.as_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept = LONGEST.saturating_sub(others + hash.len() + 1);
    name.replace('*', &format!("{}_{hash}", event.get(..kept).unwrap_or(event)))
}

/// How a model is kept in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(title = "materialization")]
pub enum Materialization {
    /// Computed on each read.
    View,
    /// Computed by each refresh, in full.
    Table,
    /// A table of which each refresh computes what changed.
    Incremental,
    /// A table that the warehouse itself keeps up to date with its query, where it can: Snowflake.
    #[serde(rename = "dynamic_table")]
    DynamicTable,
}

impl Materialization {
    /// Whether it is made by its query alone: as a whole put in place of the one before, and never filled by a refresh.
    pub fn is_query(self) -> bool {
        matches!(self, Self::View | Self::DynamicTable)
    }

    /// What the warehouse calls it.
    pub fn object(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Table | Self::Incremental => "table",
            Self::DynamicTable => "dynamic table",
        }
    }
}

/// How dynamic tables are kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicTables {
    /// How far they may be behind what has landed, in minutes.
    pub target_lag: u64,
    /// The compute that refreshes them, by name, not quoted.
    pub warehouse: String,
    /// What a refresh computes.
    pub refresh_mode: RefreshMode,
}

/// What the refresh of a dynamic table computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(title = "refresh mode")]
pub enum RefreshMode {
    /// The warehouse decides when the table is made.
    #[default]
    Auto,
    /// Every row.
    Full,
    /// What has changed. A query that cannot be refreshed so is refused by the warehouse.
    Incremental,
}
