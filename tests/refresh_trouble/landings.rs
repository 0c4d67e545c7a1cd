//! Rows that land in batches, and the tables after each.

use crate::built::{Built, compare};
use crate::model::{Landed, row, tables};

/// All six models, incremental.
pub const PROJECT: &str = "space: acme
dialects: [postgres, sqlite]
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
  user_traits: { materialized: incremental, name: long_traits }
  user_identifiers: { materialized: incremental, name: identifiers }
  profile_merges: { materialized: incremental, name: merges }
traits:
  columns: { email: varchar, visits: integer }
";

const PROFILES: usize = 60;

/// What lands in a batch. Each brings new profiles, a merge of old ones, an external id that moves, and new values.
pub fn batch(number: usize) -> Landed {
    let on = |profile: usize| format!("2024-01-{:02} {:02}:00:00", 1 + number, profile % 24);
    let mut landed = Landed::default();
    for profile in (0..PROFILES).filter(|profile| number == 0 || profile % 6 == number % 6) {
        let (mark, time) = (format!("{number} {profile}"), on(profile));
        let segment = format!("p{profile}");
        let canonical = if number == 0 { profile } else { profile - profile % 6 };
        let common =
            row!(id: mark.clone(), segment_id: segment, timestamp: time.clone(), uuid_ts: time);
        let entry = common.clone().with("canonical_segment_id", format!("p{canonical}"));
        let id = common.clone().with("external_id_type", "email");
        let id =
            id.with("external_id_value", format!("{}@example.com", (profile + number) % PROFILES));
        let traits = common.with("email", format!("{mark}@example.com"));
        let traits = traits.with("visits", i64::try_from(profile).unwrap());
        landed.add("id_graph_updates", [entry]);
        landed.add("external_id_mapping_updates", [id]);
        landed.add("identifies", [traits]);
    }
    landed
}

/// A database in which batches land, with all that has landed so far.
pub struct Landings {
    pub built: Built,
    landed: Landed,
    count: usize,
}

impl Landings {
    /// The first batch has landed, and the tables are built.
    pub fn new(mut built: Built) -> Self {
        built.land(&batch(0));
        built.apply();
        let mut landings = Self { built, landed: batch(0), count: 1 };
        landings.hold("at first", &landings.landed.clone());
        landings
    }

    /// Lands another batch. Returns what has landed before it, and with it.
    pub fn land(&mut self) -> (Landed, Landed) {
        let before = self.landed.clone();
        let batch = batch(self.count);
        self.built.land(&batch);
        for (table, rows) in batch.0 {
            self.landed.add(&table, rows);
        }
        self.count += 1;
        (before, self.landed.clone())
    }

    /// The tables are those of what has landed.
    #[track_caller]
    pub fn hold(&mut self, when: &str, landed: &Landed) {
        if let Err(why) = self.compare(when, landed) {
            panic!("{why}");
        }
    }

    /// The tables are those of one or the other.
    #[track_caller]
    pub fn hold_either(&mut self, when: &str, (before, after): &(Landed, Landed)) {
        if let (Err(_), Err(why)) = (self.compare(when, before), self.compare(when, after)) {
            panic!("neither old nor new: {why}");
        }
    }

    fn compare(&mut self, when: &str, landed: &Landed) -> Result<(), String> {
        let expected = tables(landed, &self.built.settings());
        compare::same(when, &expected, &self.built.tables(), landed)
    }
}
