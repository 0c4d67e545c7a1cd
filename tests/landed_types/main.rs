//! Columns that landed as another type than the project's: each pair of a landed type and a project's type gives the value that
//! landed, or is refused before anything runs. What is right is written in the table below, never computed by SQL.

#[path = "../support/mod.rs"]
mod support;

mod kinds;
mod on_postgres;
mod on_sqlite;

use kinds::{Kind, TYPES};

/// A pair: the column that lands, the project's type, and what each of the kind's values is as that; `None`: refused.
pub struct Pair {
    /// What lands.
    pub kind: &'static Kind,
    /// The project's type.
    pub wanted: &'static str,
    /// What it is as that.
    pub values: Option<Vec<&'static str>>,
}

impl Pair {
    /// The landed column and the trait.
    pub fn name(&self) -> String {
        format!("{}_as_{}", self.kind.name, self.wanted)
    }
}

/// All pairs of an engine; `expected` is what one of its kinds' values is by type.
pub fn pairs(kinds: &'static [Kind]) -> Vec<Pair> {
    let of = |kind: &'static Kind| {
        TYPES.iter().enumerate().map(move |(index, wanted)| {
            let values: Option<Vec<_>> =
                kind.values.iter().map(|(_, as_type)| as_type[index]).collect();
            Pair { kind, wanted, values }
        })
    };
    kinds.iter().flat_map(of).collect()
}

/// A project with these pairs as traits.
pub fn project<'a>(
    dialect: &str,
    materialized: &str,
    pairs: impl Iterator<Item = &'a Pair>,
) -> String {
    let traits: String =
        pairs.map(|pair| format!("    {}: {}\n", pair.name(), pair.wanted)).collect();
    let graph = if materialized == "view" { "table" } else { materialized };
    format!(
        "space: acme\ndialects: [{dialect}]\ntraits:\n  columns:\n{traits}models:\n  \
         id_graph: {{ materialized: {graph} }}\n  profile_traits: {{ materialized: {materialized} }}\n  \
         user_traits: {{ materialized: {materialized}, name: long_traits }}\n  resolved_events: {{ materialized: {} }}\n",
        if materialized == "incremental" { "table" } else { materialized }
    )
}

/// The SQL that makes the landed tables, without rows.
pub fn landed<'a>(schema: &str, time: &str, pairs: impl Iterator<Item = &'a Pair>) -> String {
    let columns: String =
        pairs.map(|pair| format!(", {} {}", pair.name(), pair.kind.landed)).collect();
    let times = format!("received_at {time}, uuid_ts {time}, timestamp {time}");
    let events = ["pages", "screens", "groups", "aliases", "tracks"];
    let events: String = events
        .iter()
        .map(|name| format!("CREATE TABLE {schema}.{name} (id text, segment_id text, {times});\n"))
        .collect();
    format!(
        "CREATE TABLE {schema}.id_graph_updates (id text, segment_id text, canonical_segment_id text, seq text, {times});
         CREATE TABLE {schema}.external_id_mapping_updates (id text, segment_id text, external_id_type text,
             external_id_value text, external_id_hash text, seq text, {times});
         CREATE TABLE {schema}.identifies (id text, segment_id text, {times}{columns});
         {events}"
    )
}

/// The SQL that lands the values of that number, as profile `p<number>`; a number beyond the last lands NULL.
pub fn land<'a>(schema: &str, number: usize, pairs: impl Iterator<Item = &'a Pair>) -> String {
    let (names, values): (Vec<_>, Vec<_>) = pairs
        .map(|pair| {
            let value = pair.kind.values.get(number).map_or("NULL", |(literal, _)| literal);
            (pair.name(), value)
        })
        .unzip();
    let at = format!("'2024-01-0{} 00:00:00'", number + 1);
    format!(
        "INSERT INTO {schema}.id_graph_updates (id, segment_id, canonical_segment_id, timestamp, uuid_ts)
             VALUES ('g{number}', 'p{number}', 'p{number}', {at}, {at});
         INSERT INTO {schema}.identifies (id, segment_id, timestamp, uuid_ts, {})
             VALUES ('i{number}', 'p{number}', {at}, {at}, {});",
        names.join(", "),
        values.join(", ")
    )
}
