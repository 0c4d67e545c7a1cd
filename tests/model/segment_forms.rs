//! `user_traits`, `user_identifiers` and `profile_merges`: the long forms that Segment can materialize itself. Each row
//! carries `seq`, `received_at`, `uuid_ts` and `timestamp` of the landed row that decided.

use super::landed::row;
use super::{Graph, Landed, Row, Settings, Value, external_id_mapping, profile_traits};

/// One row a trait of a canonical profile, value as text.
pub fn user_traits(landed: &Landed, graph: &Graph, settings: &Settings) -> Vec<Row> {
    let mut rows = Vec::new();
    for (profile, traits) in profile_traits::decided(landed, graph, settings) {
        for (name, decided_by) in traits {
            let value = profile_traits::read(decided_by, &name, settings).as_text();
            let mut row = row!(canonical_segment_id: profile.clone(), name: name, value: value);
            version(&mut row, decided_by);
            if settings.traits_from == "identifies" {
                // Identify calls have no seq; a trait of that name is none.
                row = row.with("seq", Value::Null);
            }
            rows.push(row);
        }
    }
    rows
}

/// One row an external id.
pub fn user_identifiers(landed: &Landed, graph: &Graph, settings: &Settings) -> Vec<Row> {
    let held = external_id_mapping::held(landed, graph, settings).into_iter();
    let row = |held: external_id_mapping::Held<'_>| {
        let mut row = row!(
            canonical_segment_id: held.canonical,
            type: held.kind,
            value: held.value,
        );
        version(&mut row, held.decided_by);
        row
    };
    held.map(row).collect()
}

/// One row a segment, a canonical one included; the timestamp is that of `id_graph`.
pub fn profile_merges(graph: &Graph) -> Vec<Row> {
    let nothing = Row::default();
    let profiles = graph.profiles.iter();
    let row = |(segment, profile): (&String, &super::id_graph::Profile)| {
        let mut row = row!(
            canonical_segment_id: profile.canonical.clone(),
            segment_id: segment.clone(),
        );
        // One that only appears as a target has no landed row of its own.
        version(&mut row, profile.latest.as_ref().unwrap_or(&nothing));
        row.with("timestamp", profile.timestamp.clone())
    };
    profiles.map(row).collect()
}

fn version(row: &mut Row, decided_by: &Row) {
    for column in ["seq", "received_at", "uuid_ts", "timestamp"] {
        row.0.insert(column.to_owned(), decided_by.get(column).clone());
    }
}
