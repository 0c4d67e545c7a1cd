//! What a template sees of the landed tables that a model is filled from: what is held still and looked at before it is read.

use std::collections::HashMap;

use serde::Serialize;

use crate::dialect::Dialect;
use crate::project::Materialization;
use crate::warehouse::{GRAPH_UPDATES, LandedTable, ModelTable, TableColumn, Warehouse};

/// A landed table that has landed.
#[derive(Debug, Serialize)]
pub(super) struct Held {
    /// Its name, with that of its schema.
    name: String,
    /// The names of the columns that models compare or compute with, as literals.
    columns: Vec<String>,
}

impl Held {
    /// Those that a model is filled from. A view reads what its own rows come from, and the merges by the model that holds them.
    pub(super) fn all_of(
        model: &ModelTable,
        (warehouse, landed): (&Warehouse, &HashMap<&str, &LandedTable>),
        dialect: &Dialect,
    ) -> Vec<Self> {
        let own = model.own_source(warehouse);
        let is_view = model.materialized == Materialization::View;
        let is_read = |name: &&str| !is_view || own.is_none_or(|own| own == *name);
        let tables = model.landed_sources(warehouse).filter(is_read);
        let tables = tables.filter_map(|name| landed.get(name)).filter(|table| !table.is_missing);
        // Most columns of an event are shown as they are: those count that merges have as well, which say whose it is and what
        // came first.
        let shows = model.reads.as_ref().and_then(|_| landed.get(GRAPH_UPDATES));
        let is_used = |column: &&TableColumn| {
            shows.is_none_or(|merges| merges.columns.iter().any(|one| one.name == column.name))
        };
        tables
            .map(|table| Self {
                name: dialect.qualified(&warehouse.space, &table.name),
                columns: table
                    .columns
                    .iter()
                    .filter(is_used)
                    .map(|column| dialect.literal(&column.name))
                    .collect(),
            })
            .collect()
    }
}
