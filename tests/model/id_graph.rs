//! `id_graph`: one row for every profile id ever seen, on either side.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::landed::row;
use super::later::{self, GRAPH};
use super::{Landed, Row, Value};

/// Where every profile points.
pub struct Graph {
    /// One for every profile id ever seen.
    pub profiles: BTreeMap<String, Profile>,
}

/// What is known of a profile.
pub struct Profile {
    pub canonical: String,
    pub timestamp: Value,
    /// Its latest entry; none for one that only ever appears as a merge target.
    pub latest: Option<Row>,
}

impl Graph {
    pub fn of(landed: &Landed) -> Self {
        // A NULL segment_id makes the row void.
        let rows = landed.rows("id_graph_updates").iter();
        let rows: Vec<&Row> = rows.filter(|row| !row.get("segment_id").is_null()).collect();

        // The edge of s is the canonical_segment_id of the latest entry of s.
        let mut entries: HashMap<&str, Vec<&Row>> = HashMap::new();
        for row in &rows {
            entries.entry(row.text("segment_id").unwrap()).or_default().push(row);
        }
        let latest: HashMap<&str, &Row> = entries
            .into_iter()
            .map(|(segment, rows)| (segment, later::latest(GRAPH, rows).unwrap()))
            .collect();

        // Every profile id ever seen, on either side.
        let seen: BTreeSet<&str> = rows
            .iter()
            .flat_map(|row| [row.text("segment_id"), row.text("canonical_segment_id")])
            .flatten()
            .collect();

        let profile = |segment: &str| {
            let way = follow(&latest, segment);
            let canonical = way.end.to_owned();
            let timestamp = if let Some(own) = latest.get(segment) {
                if canonical == segment {
                    // For a canonical profile, that of its own latest entry.
                    own.get("timestamp").clone()
                } else {
                    // For a merged one, the greatest among the entries followed.
                    way.followed.iter().map(|row| row.get("timestamp")).max().unwrap().clone()
                }
            } else {
                // One that only ever appears as a merge target: the earliest timestamp that names it.
                let naming =
                    rows.iter().filter(|row| row.text("canonical_segment_id") == Some(segment));
                let times = naming.map(|row| row.get("timestamp")).filter(|time| !time.is_null());
                times.min().cloned().unwrap_or(Value::Null)
            };
            Profile { canonical, timestamp, latest: latest.get(segment).copied().cloned() }
        };
        Self { profiles: seen.into_iter().map(|id| (id.to_owned(), profile(id))).collect() }
    }

    /// The canonical profile of a segment; one that is not in the graph is itself.
    pub fn resolve(&self, segment: &str) -> String {
        self.profiles.get(segment).map_or(segment, |profile| &profile.canonical).to_owned()
    }
}

/// The way from a profile to its canonical one.
struct Way<'a> {
    end: &'a str,
    followed: Vec<&'a Row>,
}

fn follow<'a>(latest: &HashMap<&'a str, &'a Row>, start: &'a str) -> Way<'a> {
    let mut path = vec![start];
    let end = loop {
        let here = path[path.len() - 1];
        // Following edges ends at a profile that has no entry,
        let Some(entry) = latest.get(here) else { break here };
        // or whose edge is itself; a NULL canonical_segment_id means itself.
        let next = entry.text("canonical_segment_id").unwrap_or(here);
        if next == here {
            break here;
        }
        // A cycle resolves to the member whose latest entry is the oldest: the newer merges win.
        if let Some(begin) = path.iter().position(|passed| *passed == next) {
            let members = path[begin..].iter();
            let oldest =
                |one: &&&str, other: &&&str| later::compare(GRAPH, latest[**one], latest[**other]);
            break members.min_by(oldest).unwrap();
        }
        path.push(next);
    };
    let steps = path.iter().take_while(|passed| **passed != end);
    Way { end, followed: steps.map(|passed| latest[passed]).collect() }
}

/// The table.
pub fn rows(graph: &Graph) -> Vec<Row> {
    let row = |(segment, profile): (&String, &Profile)| {
        row!(
            segment_id: segment.clone(),
            canonical_segment_id: profile.canonical.clone(),
            timestamp: profile.timestamp.clone(),
        )
    };
    graph.profiles.iter().map(row).collect()
}
