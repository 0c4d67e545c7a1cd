//! From a profile along the latest entries to its canonical one.

use serde::Serialize;

use super::text;
use crate::engine::Rows;

/// The latest entry of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The profile.
    pub segment_id: String,
    /// Where it points.
    pub canonical_segment_id: String,
    /// The landed row's id.
    pub id: Option<String>,
    /// When it happened.
    pub timestamp: Option<String>,
    /// Its order among rows of the same time.
    pub seq: Option<String>,
}

/// A cycle of entries: merges that landed out of order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cycle {
    /// The profiles in it, in the order of following.
    pub members: Vec<String>,
    /// The one that is canonical, since its entry is the oldest.
    pub canonical_segment_id: String,
}

/// The entries in an answer.
pub(super) fn entries(rows: &Rows) -> Vec<Entry> {
    (0..rows.rows.len())
        .map(|row| Entry {
            segment_id: text(rows, row, 0).unwrap_or_default(),
            canonical_segment_id: text(rows, row, 1).unwrap_or_default(),
            id: text(rows, row, 2),
            timestamp: text(rows, row, 3),
            seq: text(rows, row, 4),
        })
        .collect()
}

/// The entries followed from a profile until one has none, points to itself, or was passed before.
pub(super) fn follow(
    entries: &[Entry],
    segment: &str,
    canonical: &str,
) -> (Vec<Entry>, Option<Cycle>) {
    let of: std::collections::HashMap<&str, &Entry> =
        entries.iter().map(|entry| (entry.segment_id.as_str(), entry)).collect();
    let mut places = std::collections::HashMap::new();
    let mut followed: Vec<Entry> = Vec::new();
    let mut here = segment;
    while let Some(entry) = of.get(here) {
        places.insert(here, followed.len());
        followed.push((*entry).clone());
        let next = entry.canonical_segment_id.as_str();
        if next == here {
            break;
        }
        if let Some(begin) = places.get(next) {
            let members = followed.iter().skip(*begin);
            let members = members.map(|entry| entry.segment_id.clone()).collect();
            let canonical_segment_id = canonical.to_owned();
            return (followed, Some(Cycle { members, canonical_segment_id }));
        }
        here = next;
    }
    (followed, None)
}
