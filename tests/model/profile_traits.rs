//! `profile_traits`: one row for every profile id, one column for every trait.

use std::collections::{BTreeMap, BTreeSet};

use super::landed::row;
use super::later::{self, EVENTS, UPDATES};
use super::{Graph, Landed, Row, Settings, Value};

/// The landed row that decides each trait of each canonical profile, where it decides for a value.
pub type Decided<'a> = BTreeMap<String, BTreeMap<String, &'a Row>>;

/// What a landed row says of a trait: under its name, and where that is NULL or not there, under the name before.
pub fn read<'a>(row: &'a Row, name: &str, settings: &'a Settings) -> &'a Value {
    let before = settings.renamed_from.get(name).into_iter().flatten().map(String::as_str);
    let mut names = std::iter::once(name).chain(before);
    names.find(|name| !row.get(name).is_null()).map_or(&Value::Null, |name| row.get(name))
}

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
    let profile = |(profile, rows): (String, Vec<&'a Row>)| {
        let rows = if settings.null_means_unset {
            those_that_speak(&profile, rows, graph, order)
        } else {
            rows
        };
        // Each trait is decided on its own, by the latest row that has a value of it.
        let decide = |name: &str| {
            let has_value = |row: &&&Row| !read(row, name, settings).is_null();
            later::latest(order, rows.iter().filter(has_value).copied())
        };
        let names = settings.traits.iter();
        let traits = names.filter_map(|name| Some((name.clone(), decide(name)?)));
        (profile, traits.collect())
    };
    of_profile.into_iter().map(profile).collect()
}

/// Where a landed row is a snapshot: the latest row of the profile alone, its NULLs included. Where a merge is later than that
/// row, nobody has spoken for the whole profile yet: then the latest row of each segment.
fn those_that_speak<'a>(
    profile: &str,
    rows: Vec<&'a Row>,
    graph: &Graph,
    order: &[&str],
) -> Vec<&'a Row> {
    let latest = later::latest(order, rows.iter().copied()).unwrap();
    let members = graph.profiles.iter();
    let merged = members.filter(|(id, member)| member.canonical == profile && *id != profile);
    // A merge without a time is none; and no time is less than any.
    let merges: Vec<&Value> =
        merged.map(|(_, member)| &member.timestamp).filter(|time| !time.is_null()).collect();
    if merges.iter().all(|time| *time <= latest.get("timestamp")) {
        return vec![latest];
    }
    let mut of_segment: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        of_segment.entry(row.text("segment_id").unwrap()).or_default().push(row);
    }
    of_segment.into_values().map(|rows| later::latest(order, rows).unwrap()).collect()
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
            let value = decisive.map_or(Value::Null, |row| read(row, name, settings).clone());
            row = row.with(name, value);
        }
        row
    };
    ids.into_iter().map(row).collect()
}
