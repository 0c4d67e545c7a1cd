//! Which of two landed rows is the later one.
//!
//! A row is later when (`timestamp`, `seq`, `uuid_ts`, `id`) is greater, left to right; NULL is less than every value,
//! text compares by bytes; a column that the table lacks is skipped. What still ties is broken by the greater carried
//! value: `canonical_segment_id`, then `segment_id`.

use std::cmp::Ordering;

use super::Row;

/// Of `id_graph_updates`.
pub const GRAPH: &[&str] =
    &["timestamp", "seq", "uuid_ts", "id", "canonical_segment_id", "segment_id"];

/// Of `external_id_mapping_updates` and `profile_traits_updates`.
pub const UPDATES: &[&str] = &["timestamp", "seq", "uuid_ts", "id", "segment_id"];

/// Of the event tables, which have no `seq` of their own.
pub const EVENTS: &[&str] = &["timestamp", "uuid_ts", "id", "segment_id"];

/// Compares two rows of one table: the greater is the later.
pub fn compare(order: &[&str], one: &Row, other: &Row) -> Ordering {
    let by = |column: &&str| one.get(column).cmp(other.get(column));
    order.iter().map(by).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

/// The latest of some rows.
pub fn latest<'a>(order: &[&str], rows: impl IntoIterator<Item = &'a Row>) -> Option<&'a Row> {
    rows.into_iter().max_by(|one, other| compare(order, one, other))
}
