//! What Segment does in a month: makes tables in its own shapes, lands rows, and deletes people.

use std::collections::{BTreeMap, BTreeSet};

use crate::dice::Dice;
use crate::model::{Landed, Row, Value, row};
use crate::place::Place;

/// Segment, and all that it has landed.
pub struct Segment {
    pub landed: Landed,
    dice: Dice,
    /// How many profiles there were.
    profiles: usize,
    /// How many rows there were, for ids, `seq` and `uuid`.
    rows: usize,
    /// Hours since the first of the month.
    hour: usize,
    /// The rows that the space does not have yet.
    new: BTreeMap<&'static str, Vec<Row>>,
}

/// Columns that every table has.
const COMMON: &str = "id varchar, segment_id varchar, received_at TIME, timestamp TIME, uuid bigint, uuid_ts TIME, loaded_at TIME";

/// A point of time in the month, for `timestamp` and `uuid_ts`.
fn time(hour: usize, minute: usize) -> String {
    format!("2026-03-{:02} {:02}:{:02}:00", 1 + hour / 24, hour % 24, minute % 60)
}

impl Segment {
    pub fn new(seed: u64) -> Self {
        Self {
            landed: Landed::default(),
            dice: Dice::new(seed),
            profiles: 0,
            rows: 0,
            hour: 240,
            new: BTreeMap::new(),
        }
    }

    /// A table appears, with columns besides those that all have.
    pub fn makes(place: &Place, table: &str, columns: &str) {
        let sql = format!("CREATE TABLE acme.{table} ({COMMON}, {columns});");
        let kind = if place.is_postgres() { "timestamptz" } else { "timestamp" };
        place.lands(&sql.replace("TIME", kind));
    }

    pub fn drops(&mut self, place: &Place, table: &str) {
        place.lands(&format!("DROP TABLE acme.{table}"));
        self.landed.0.remove(table);
    }

    /// Hours pass until the next sync.
    pub fn waits(&mut self, hours: usize) {
        self.hour += hours;
    }

    /// A row of a table, that happened some hours ago and is loaded now.
    fn row(&mut self, prefix: &str, profile: &str, hours_ago: usize) -> Row {
        self.rows += 1;
        let happened = time(self.hour - hours_ago, self.rows);
        row!(
            id: format!("{prefix}{}", self.rows),
            segment_id: profile,
            timestamp: happened.clone(),
            received_at: happened,
            uuid_ts: time(self.hour, 0),
        )
    }

    fn has(&mut self, table: &'static str, row: Row) {
        self.new.entry(table).or_default().push(row);
    }

    fn seq(&self) -> String {
        format!("{:012}", self.rows)
    }

    /// A merge, or a profile that points to itself.
    pub fn points(&mut self, from: &str, to: &str, hours_ago: usize) {
        let row = self.row("g", from, hours_ago).with("canonical_segment_id", to);
        let row = row.with("seq", self.seq());
        self.has("id_graph_updates", row);
    }

    pub fn identifies(&mut self, profile: &str, hours_ago: usize, traits: &[(&str, Value)]) {
        let mut row = self.row("i", profile, hours_ago);
        for (name, value) in traits {
            row = row.with(name, value.clone());
        }
        self.has("identifies", row);
    }

    pub fn event(&mut self, table: &'static str, row: Row, profile: &str) {
        let common = self.row(table, profile, 0);
        let row = Row(common.0.into_iter().chain(row.0).collect());
        self.has(table, row);
    }

    /// A row like one that has landed, about somebody else, without a value in a column.
    pub fn without(&mut self, table: &'static str, column: &str) {
        let profile = self.somebody();
        let like = self.dice.pick(self.landed.rows(table)).clone();
        let fresh = self.row("n", &profile, 0);
        let mut row = Row(like.0.into_iter().chain(fresh.0).collect());
        if row.0.contains_key("seq") {
            row = row.with("seq", self.seq());
        }
        self.has(table, row.with(column, Value::Null));
    }

    /// People come: each with a profile or two, external ids and traits, some of which are NULL, over the days before.
    pub fn people(&mut self, count: usize, days_before: usize) {
        for _ in 0..count {
            self.profiles += 1;
            let profile = format!("p{}", self.profiles);
            let ago = self.dice.below(1 + 24 * days_before.min(self.hour / 24 - 1));
            self.points(&profile, &profile, ago);
            for (kind, share) in [("anonymous_id", 100), ("email", 60), ("user_id", 40)] {
                if self.dice.percent(share) {
                    let value = format!("{kind}-{}", self.profiles);
                    let row = self.row("x", &profile, ago).with("external_id_type", kind);
                    let row = row.with("external_id_value", value).with("seq", self.seq());
                    self.has("external_id_mapping_updates", row);
                }
            }
            for _ in 0..self.dice.below(3) {
                let ago = self.dice.below(1 + ago);
                let email = self.dice.percent(70).then(|| format!("{profile}@example.com"));
                let plan = self.dice.percent(50).then(|| *self.dice.pick(&["free", "pro"]));
                let traits = [("email", Value::from(email)), ("plan", Value::from(plan))];
                self.identifies(&profile, ago, &traits);
            }
            // One in ten was somebody known all along.
            if self.profiles > 10 && self.dice.percent(10) {
                let to = format!("p{}", 1 + self.dice.below(self.profiles - 1));
                self.points(&profile, &to, 0);
            }
        }
    }

    /// A profile that is there.
    pub fn somebody(&mut self) -> String {
        format!("p{}", 1 + self.dice.below(self.profiles))
    }

    /// A trait of many gets a value.
    pub fn learns(&mut self, count: usize, name: &str, value: impl Fn(usize) -> Value) {
        for number in 0..count {
            let profile = self.somebody();
            self.identifies(&profile, 0, &[(name, value(number))]);
        }
    }

    /// What was said lands, loaded so many hours ago.
    pub fn lands(&mut self, place: &Place, loaded_hours_ago: usize) {
        let loaded = time(self.hour - loaded_hours_ago, 0);
        for (table, rows) in std::mem::take(&mut self.new) {
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|row| match row.get("uuid_ts") {
                    Value::Null => row,
                    _ => row.with("uuid_ts", loaded.clone()),
                })
                .collect();
            let mut sql = String::new();
            for row in &rows {
                let given = row.0.iter().filter(|(_, value)| !value.is_null());
                let (names, values): (Vec<_>, Vec<_>) =
                    given.map(|(name, value)| (name.as_str(), literal(value))).unzip();
                sql += &format!(
                    "INSERT INTO acme.{table} ({}, uuid, loaded_at) VALUES ({}, {}, '{loaded}');\n",
                    names.join(", "),
                    values.join(", "),
                    self.rows,
                );
            }
            place.lands(&format!("BEGIN; {sql} COMMIT;"));
            self.landed.add(table, rows);
        }
    }

    /// People ask to be forgotten: all rows of their profiles go, and no merge of others leads to them or away.
    pub fn deletes(&mut self, place: &Place, count: usize) -> usize {
        let graph = self.landed.rows("id_graph_updates");
        let merged: BTreeSet<&str> = graph
            .iter()
            .filter(|row| row.text("segment_id") != row.text("canonical_segment_id"))
            .flat_map(|row| [row.text("segment_id"), row.text("canonical_segment_id")])
            .flatten()
            .collect();
        let alone = graph.iter().filter_map(|row| row.text("segment_id"));
        let alone: BTreeSet<&str> = alone.filter(|profile| !merged.contains(profile)).collect();
        let gone: BTreeSet<String> = alone.into_iter().take(count).map(str::to_owned).collect();
        let names: Vec<String> = gone.iter().map(|name| format!("'{name}'")).collect();
        for (table, rows) in &mut self.landed.0 {
            rows.retain(|row| row.text("segment_id").is_none_or(|name| !gone.contains(name)));
            place.lands(&format!(
                "DELETE FROM acme.{table} WHERE segment_id IN ({});",
                names.join(", ")
            ));
        }
        gone.len()
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}
