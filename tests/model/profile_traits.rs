//! `profile_traits`: one row for every profile id, one column for every trait.

use std::collections::{BTreeMap, BTreeSet};

use super::landed::row;
use super::later::{self, EVENTS, UPDATES};
use super::{Graph, Landed, Row, Settings, Value};

/// The landed row that decides each trait of each canonical profile, where it decides for a value.
pub type Decided<'a> = BTreeMap<String, BTreeMap<String, &'a Row>>;

/// Decides every trait of every canonical profile that has landed traits.
pub fn decided<'a>(landed: &'a Landed, graph: &Graph, settings: &Settings) -> Decided<'a> {
    let order = if settings.traits_from == "identifies" { EVENTS } else { UPDATES };
    // All rows of all segments that resolve to a profile.
    let mut of_profile: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in landed.rows(&settings.traits_from) {
        if let Some(segment) = row.text("segment_id") {
            of_profile.entry(graph.resolve(segment)).or_default().push(row);
        }
    }
    let decide = |rows: &[&'a Row], name: &str| {
        let decisive = if settings.null_means_unset {
            // A landed row is a snapshot: the latest row decides every trait, NULL included.
            later::latest(order, rows.iter().copied())
        } else {
            // Each trait is decided on its own, by the latest row that has a value of it.
            later::latest(order, rows.iter().copied().filter(|row| !row.get(name).is_null()))
        };
        decisive.filter(|row| !row.get(name).is_null())
    };
    let profile = |(profile, rows): (String, Vec<&'a Row>)| {
        let names = settings.traits.iter();
        let traits = names.filter_map(|name| Some((name.clone(), decide(&rows, name)?)));
        (profile, traits.collect())
    };
    of_profile.into_iter().map(profile).collect()
}

/// The table.
pub fn rows(landed: &Landed, graph: &Graph, settings: &Settings) -> Vec<Row> {
    let decided = decided(landed, graph, settings);
    // Every profile in id_graph has a row; so has a segment that has traits but no graph entry yet.
    let ids: BTreeSet<&String> = graph.profiles.keys().chain(decided.keys()).collect();
    let row = |id: &String| {
        let canonical = graph.resolve(id);
        // A merged-away profile keeps its row: traits NULL, merged_to its canonical.
        let merged_to = (canonical != *id).then_some(canonical);
        let mut row = row!(canonical_segment_id: id.clone(), merged_to: merged_to);
        for name in &settings.traits {
            let decisive = decided.get(id).and_then(|traits| traits.get(name));
            let value = decisive.map_or(Value::Null, |row| row.get(name).clone());
            row = row.with(name, value);
        }
        row
    };
    ids.into_iter().map(row).collect()
}
