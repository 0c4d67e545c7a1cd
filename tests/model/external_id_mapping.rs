//! `external_id_mapping`: one row for every (external_id_type, external_id_value).

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

use super::landed::row;
use super::later::{self, UPDATES};
use super::{Graph, Landed, Row, Settings, Value};

/// Who holds an external id, and the landed row that decided.
pub struct Held<'a> {
    pub kind: &'a str,
    pub value: &'a str,
    pub canonical: String,
    pub decided_by: &'a Row,
}

/// Every external id that some profile holds.
pub fn held<'a>(landed: &'a Landed, graph: &Graph, settings: &Settings) -> Vec<Held<'a>> {
    // Rows with a NULL type, value or segment are void. Values are compared as they are.
    let mut pairs: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in landed.rows("external_id_mapping_updates") {
        let (kind, value) = (row.text("external_id_type"), row.text("external_id_value"));
        if let (Some(kind), Some(value), Some(_)) = (kind, value, row.text("segment_id")) {
            pairs.entry((kind, value)).or_default().push(row);
        }
    }
    let canonical = |row: &Row| graph.resolve(row.text("segment_id").unwrap());
    let decide = |rows: Vec<&'a Row>| {
        if !settings.has_operation {
            // The latest landed row of the pair decides.
            return later::latest(UPDATES, rows);
        }
        // For each canonical profile the latest row says whether it holds the identifier; among the
        // profiles that hold it, the latest row wins; held by none, no row.
        let mut profiles: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            profiles.entry(canonical(row)).or_default().push(row);
        }
        let says = profiles.into_values().filter_map(|rows| later::latest(UPDATES, rows));
        later::latest(UPDATES, says.filter(|row| row.text("__operation") != Some("REMOVED")))
    };
    let decided = pairs.into_iter().filter_map(|((kind, value), rows)| {
        let decided_by = decide(rows)?;
        Some(Held { kind, value, canonical: canonical(decided_by), decided_by })
    });
    decided.collect()
}

/// The table.
pub fn rows(landed: &Landed, graph: &Graph, settings: &Settings) -> Vec<Row> {
    let row = |held: Held<'_>| {
        // Kept where landed, else computed.
        let hash = match held.decided_by.get("external_id_hash") {
            Value::Null => hash(held.kind, held.value).into(),
            landed => landed.clone(),
        };
        row!(
            canonical_segment_id: held.canonical,
            external_id_type: held.kind,
            external_id_value: held.value,
            external_id_hash: hash,
            timestamp: held.decided_by.get("timestamp").clone(),
        )
    };
    held(landed, graph, settings).into_iter().map(row).collect()
}

/// Lower-case hex SHA-1 of type followed by value.
fn hash(kind: &str, value: &str) -> String {
    let digest = Sha1::digest(format!("{kind}{value}").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
