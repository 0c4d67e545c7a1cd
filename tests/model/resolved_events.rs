//! Resolved events: every event once, with `canonical_segment_id` in front.

use std::collections::BTreeMap;

use super::later::{self, EVENTS};
use super::{Graph, Landed, Row};

/// The view of one event table.
pub fn rows(landed: &Landed, graph: &Graph, table: &str) -> Vec<Row> {
    // Rows with the same id are one row landed twice; without an id, nothing says that two rows are one.
    let mut copies: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let mut events = Vec::new();
    for row in landed.rows(table) {
        match row.text("id") {
            Some(id) => copies.entry(id).or_default().push(row),
            None => events.push(row),
        }
    }
    events.extend(copies.into_values().filter_map(|rows| later::latest(EVENTS, rows)));
    let resolve = |row: &Row| {
        // An event whose segment has no graph entry is its own canonical; a NULL segment_id keeps a NULL canonical.
        let canonical = row.text("segment_id").map(|segment| graph.resolve(segment));
        row.clone().with("canonical_segment_id", canonical)
    };
    events.into_iter().map(resolve).collect()
}
