//! The reference model: what every table means, in plain Rust over rows, written from the definition of the tables
//! and not from the SQL. The SQL is right when it agrees with this.
//!
//! One file for each kind of table. Slow and plain on purpose: each function is to be read beside its paragraph.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

pub mod external_id_mapping;
pub mod id_graph;
pub mod landed;
pub mod later;
pub mod profile_traits;
pub mod resolved_events;
pub mod segment_forms;
pub mod value;

use std::collections::BTreeMap;

pub use id_graph::Graph;
pub(crate) use landed::row;
pub use landed::{Landed, Row};
pub use value::Value;

/// What a project says that changes what the tables hold.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The landed table with the traits: `identifies` or `profile_traits_updates`.
    pub traits_from: String,
    /// The traits' columns.
    pub traits: Vec<String>,
    /// By trait, the columns that it landed in before, the newest first.
    pub renamed_from: BTreeMap<String, Vec<String>>,
    /// The event tables that are resolved.
    pub events: Vec<String>,
    /// `traits.null_means: unset` instead of `unknown`.
    pub null_means_unset: bool,
    /// Whether `external_id_mapping_updates` has the column `__operation`.
    pub has_operation: bool,
}

/// Every table of the warehouse by name, rows in no particular order.
pub type Tables = BTreeMap<String, Vec<Row>>;

/// All tables at once.
pub fn tables(landed: &Landed, settings: &Settings) -> Tables {
    let graph = Graph::of(landed);
    let mut tables = Tables::from([
        ("id_graph".to_owned(), id_graph::rows(&graph)),
        ("external_id_mapping".to_owned(), external_id_mapping::rows(landed, &graph, settings)),
        ("profile_traits".to_owned(), profile_traits::rows(landed, &graph, settings)),
        ("user_traits".to_owned(), segment_forms::user_traits(landed, &graph, settings)),
        ("user_identifiers".to_owned(), segment_forms::user_identifiers(landed, &graph, settings)),
        ("profile_merges".to_owned(), segment_forms::profile_merges(&graph)),
    ]);
    for event in &settings.events {
        let rows = resolved_events::rows(landed, &graph, event);
        tables.insert(format!("{event}_resolved"), rows);
    }
    tables
}
