//! A named scenario: a few landed rows, and what must come out of them.

use crate::built::{Built, compare};
use crate::model::{Landed, Row, Tables, Value, row, tables};

/// Landed rows under a name, with what was reasoned out by hand.
pub struct Scenario {
    name: &'static str,
    landed: Landed,
    expected: Vec<Expected>,
}

struct Expected {
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<String>,
}

/// A day of January 2022.
pub fn day(day: u32) -> String {
    format!("2022-01-{day:02} 00:00:00")
}

/// An entry of the graph on a day.
pub fn entry(segment: &str, canonical: &str, on: u32) -> Row {
    row!(
        id: format!("{segment} to {canonical} on {on}"),
        segment_id: segment,
        canonical_segment_id: canonical,
        timestamp: day(on),
        uuid_ts: day(on),
        received_at: day(on),
        seq: format!("{on:04}"),
    )
}

/// An external id seen on a profile on a day.
pub fn mapping(segment: &str, kind: &str, value: &str, on: u32) -> Row {
    row!(
        id: format!("{segment} has {kind} {value} on {on}"),
        segment_id: segment,
        external_id_type: kind,
        external_id_value: value,
        timestamp: day(on),
        uuid_ts: day(on),
        seq: format!("{on:04}"),
    )
}

/// Something that happened on a profile on a day: an event, an identify call, a change of traits.
pub fn event(segment: &str, on: u32) -> Row {
    row!(
        id: format!("{segment} on {on}"),
        segment_id: segment,
        timestamp: day(on),
        uuid_ts: day(on),
    )
}

impl Scenario {
    pub fn new(name: &'static str) -> Self {
        Self { name, landed: Landed::default(), expected: Vec::new() }
    }

    pub fn land(mut self, table: &str, rows: impl IntoIterator<Item = Row>) -> Self {
        self.landed.add(table, rows);
        self
    }

    pub fn graph(self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.land("id_graph_updates", rows)
    }

    /// The rows of `id_graph`: `segment canonical day`, `-` for NULL.
    pub fn expect_graph(self, rows: &[&str]) -> Self {
        self.expect("id_graph", &["segment_id", "canonical_segment_id", "timestamp"], rows)
    }

    /// The rows of `external_id_mapping`: `type value canonical`.
    pub fn expect_mapping(self, rows: &[&str]) -> Self {
        let columns = &["external_id_type", "external_id_value", "canonical_segment_id"];
        self.expect("external_id_mapping", columns, rows)
    }

    /// Exactly these rows of a table, as far as these columns go.
    pub fn expect(
        mut self,
        table: &'static str,
        columns: &'static [&'static str],
        rows: &[&str],
    ) -> Self {
        let rows = rows.iter().map(|row| (*row).to_owned()).collect();
        self.expected.push(Expected { table, columns, rows });
        self
    }

    /// What is wrong with the tables of one engine, held against the model and against what is expected by hand.
    fn check(&self, built: &mut Built) -> Result<(), String> {
        let got = built.build(&self.landed);
        let model = tables(&self.landed, &built.settings());
        self.by_hand("the model", &model)?;
        compare::same(built.name(), &model, &got, &self.landed)?;
        self.by_hand(built.name(), &got)
    }

    fn by_hand(&self, what: &str, tables: &Tables) -> Result<(), String> {
        for Expected { table, columns, rows } in &self.expected {
            let short = |row: &Row| {
                let values = columns.iter().map(|column| short(row.get(column)));
                values.collect::<Vec<_>>().join(" ")
            };
            let mut got: Vec<String> = tables[*table].iter().map(short).collect();
            let mut expected = rows.clone();
            got.sort();
            expected.sort();
            if got != expected {
                return Err(format!(
                    "{what}: {table} should be\n  {}\nand is\n  {}\nlanded:\n{}",
                    expected.join("\n  "),
                    got.join("\n  "),
                    self.landed
                ));
            }
        }
        Ok(())
    }
}

/// As hand-written rows have a value: `-` for NULL, and of a day in January 2022 its number.
fn short(value: &Value) -> String {
    let text = match value.as_text() {
        Value::Text(text) => text,
        _ => return "-".to_owned(),
    };
    let day = text.strip_prefix("2022-01-").and_then(|rest| rest.strip_suffix(" 00:00:00"));
    day.map_or_else(|| text.clone(), |day| day.trim_start_matches('0').to_owned())
}

/// Checks scenarios on every engine, models as tables and as views; says all that is wrong.
pub fn check(project: &str, scenarios: &[Scenario]) {
    let mut wrong = Vec::new();
    for kept in ["table", "view"] {
        for built in &mut Built::on_all(&project.replace("KEPT", kept)) {
            for scenario in scenarios {
                if let Err(why) = scenario.check(built) {
                    wrong.push(format!("── {} (models as {kept}) ──\n{why}", scenario.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A project with every model and one event; traits from identify calls.
pub const IDENTIFIES: &str = "
space: acme
dialects: [postgres, sqlite]
context: [url]
traits:
  from: identifies
  columns: { email: varchar, plan: varchar, score: float, visits: integer, is_vip: boolean, seen: timestamp }
events: { Order Completed: { properties: { total: float } } }
models:
  id_graph: { materialized: KEPT }
  external_id_mapping: { materialized: KEPT }
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  user_identifiers: { materialized: KEPT, name: identifiers }
  profile_merges: { materialized: KEPT, name: merges }
  resolved_events: { materialized: KEPT }";

/// The same without events, which the graph does not need.
pub fn without_events() -> String {
    IDENTIFIES.replace("  resolved_events: { materialized: KEPT }", "")
}

/// The same with traits from trait updates, which have a `seq`, and here are no snapshots.
pub fn updates() -> String {
    IDENTIFIES.replace("from: identifies", "from: profile_traits_updates\n  null_means: unknown")
}
