//! A watermark belongs to the tables that it speaks of: a model's table that was dropped, emptied, restored or made again, or
//! one of whose columns was, is read in full by the next run, and so is one that was read from another landed table, or
//! from columns that are others now.

use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::built::{Built, compare};
use crate::generate;
use crate::incremental::{Batches, batches, incremental};
use crate::model::{Landed, Row, tables};
use crate::random::{UPDATES, holds};

const MODELS: [&str; 6] =
    ["id_graph", "external_id_mapping", "profile_traits", "long_traits", "identifiers", "merges"];

const TRAITS: [&str; 6] = ["plan", "visits", "score", "is_vip", "seen", "order"];

/// Columns of models that are no traits, with their types.
const FIXED: [(&str, &str, &str); 12] = [
    ("id_graph", "canonical_segment_id", "text"),
    ("id_graph", "segment_id", "text"),
    ("id_graph", "timestamp", "timestamptz"),
    ("external_id_mapping", "external_id_value", "text"),
    ("external_id_mapping", "external_id_hash", "text"),
    ("external_id_mapping", "timestamp", "timestamptz"),
    ("profile_traits", "canonical_segment_id", "text"),
    ("profile_traits", "merged_to", "text"),
    ("long_traits", "value", "text"),
    ("long_traits", "timestamp", "timestamptz"),
    ("identifiers", "uuid_ts", "timestamptz"),
    ("merges", "seq", "text"),
];

/// Landed columns that may be missing.
const LANDED: [(&str, &str); 9] = [
    (UPDATES, "plan"),
    (UPDATES, "visits"),
    (UPDATES, "order"),
    (UPDATES, "seq"),
    (UPDATES, "timestamp"),
    ("id_graph_updates", "timestamp"),
    ("id_graph_updates", "seq"),
    ("external_id_mapping_updates", "timestamp"),
    ("external_id_mapping_updates", "external_id_hash"),
];

const LANDED_TABLES: [&str; 3] = ["id_graph_updates", "external_id_mapping_updates", UPDATES];

/// What other hands do between two refreshes.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    Drop(usize),
    Empty(usize),
    /// Dropped, and put back as it was before the last refresh.
    Restore(usize),
    DropColumn(usize),
    /// Dropped, and added again at once.
    RenewColumn(usize),
    /// The same of columns that are no traits.
    DropFixed(usize),
    RenewFixed(usize),
    /// A landed column is renamed, or has its name again.
    Rename(usize),
    /// Two landed columns of traits change names.
    Swap,
    /// A landed table is dropped and made again with every other row of before; `true`: refreshed while it is empty.
    Reland(usize, bool),
    DropWatermarks,
    DoubleWatermarks,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        3 => (0..MODELS.len()).prop_map(Mishap::Drop),
        2 => (0..MODELS.len()).prop_map(Mishap::Empty),
        2 => (0..MODELS.len()).prop_map(Mishap::Restore),
        3 => (0..TRAITS.len()).prop_map(Mishap::DropColumn),
        2 => (0..TRAITS.len()).prop_map(Mishap::RenewColumn),
        4 => (0..FIXED.len()).prop_map(Mishap::DropFixed),
        3 => (0..FIXED.len()).prop_map(Mishap::RenewFixed),
        8 => (0..LANDED.len()).prop_map(Mishap::Rename),
        1 => Just(Mishap::Swap),
        4 => (0..LANDED_TABLES.len(), any::<bool>()).prop_map(|(one, seen)| Mishap::Reland(one, seen)),
        1 => Just(Mishap::DropWatermarks),
        1 => Just(Mishap::DoubleWatermarks),
    ]
}

/// A database, and what has landed there as the model sees it.
struct World<'a> {
    built: &'a mut Built,
    landed: Landed,
    /// Landed columns that go by another name for now.
    away: BTreeSet<(&'static str, &'static str)>,
}

impl World<'_> {
    fn is_postgres(&self) -> bool {
        self.built.name() == "postgres"
    }

    /// Rows without the columns that are not there.
    fn visible(&self, landed: &Landed) -> Landed {
        let row = |table: &str, row: &Row| {
            let mut row = row.clone();
            row.0.retain(|column, _| {
                !self.away.iter().any(|away| *away == (table, column.as_str()))
            });
            row
        };
        let rows = landed
            .0
            .iter()
            .map(|(table, rows)| (table.clone(), rows.iter().map(|one| row(table, one)).collect()));
        Landed(rows.collect())
    }

    fn apply(&mut self) {
        self.built.follow();
        self.built.apply();
    }

    fn land(&mut self, batch: &Landed) {
        let batch = self.visible(batch);
        self.built.land(&batch);
        for (table, rows) in batch.0 {
            self.landed.add(&table, rows);
        }
    }

    /// Sets aside what is brought back later.
    fn before(&mut self, mishap: Mishap) {
        if let Mishap::Restore(model) = mishap {
            let table = MODELS[model];
            self.built.run("DROP TABLE IF EXISTS acme.aside");
            self.built.run(&format!("CREATE TABLE acme.aside AS SELECT * FROM acme.{table}"));
        }
    }

    fn befalls(&mut self, mishap: Mishap) {
        let is_postgres = self.is_postgres();
        match mishap {
            Mishap::Drop(model) => self.drop(MODELS[model]),
            Mishap::Empty(model) => self.built.run(&format!("DELETE FROM acme.{}", MODELS[model])),
            // SQLite's catalog may give a table that is made again the place of the old one.
            Mishap::Restore(model) if is_postgres => {
                let table = MODELS[model];
                self.built.run(&format!("TRUNCATE acme.{table}"));
                self.built.run(&format!("INSERT INTO acme.{table} SELECT * FROM acme.aside"));
            }
            Mishap::DropColumn(column) => self.drop_column("profile_traits", TRAITS[column]),
            Mishap::RenewColumn(column) => {
                self.drop_column("profile_traits", TRAITS[column]);
                let sql_type =
                    ["text", "bigint", "double precision", "boolean", "timestamptz", "text"];
                self.add_column("profile_traits", TRAITS[column], sql_type[column]);
            }
            // There, a column with an index or in a view stays.
            Mishap::DropFixed(one) if is_postgres || FIXED[one].1 != "segment_id" => {
                let (table, column, _) = FIXED[one];
                if is_postgres || !["canonical_segment_id", "external_id_value"].contains(&column) {
                    self.drop_column(table, column);
                }
            }
            Mishap::RenewFixed(one) if is_postgres => {
                let (table, column, sql_type) = FIXED[one];
                self.drop_column(table, column);
                self.add_column(table, column, sql_type);
            }
            Mishap::Rename(one) => self.rename(LANDED[one]),
            Mishap::Swap => self.swap(),
            Mishap::Reland(table, seen) => self.reland(LANDED_TABLES[table], seen || !is_postgres),
            Mishap::DropWatermarks => self.built.run("DROP TABLE acme.idgraph_watermarks"),
            Mishap::DoubleWatermarks if is_postgres => {
                let table = "acme.idgraph_watermarks";
                self.built.run(&format!(
                    "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS idgraph_watermarks_pkey"
                ));
                self.built.run(&format!("INSERT INTO {table} SELECT * FROM {table}"));
            }
            // SQLite keeps watermarks from being doubled, and gives the last table or column the place of the one before.
            _ => {}
        }
    }

    fn drop(&mut self, table: &str) {
        // The views that read it go with it; apply makes them again.
        let cascade = self.cascade();
        self.built.run(&format!("DROP TABLE IF EXISTS acme.{table}{cascade}"));
    }

    fn cascade(&self) -> &'static str {
        if self.is_postgres() { " CASCADE" } else { "" }
    }

    fn drop_column(&mut self, table: &str, column: &str) {
        let cascade = self.cascade();
        self.built.run(&format!("ALTER TABLE acme.{table} DROP COLUMN \"{column}\"{cascade}"));
    }

    /// In SQLite, the last column may be given the place of the old one.
    fn add_column(&mut self, table: &str, column: &str, sql_type: &str) {
        if self.is_postgres() {
            let sql = format!("ALTER TABLE acme.{table} ADD COLUMN \"{column}\" {sql_type}");
            self.built.run(&sql);
        }
    }

    fn rename(&mut self, of: (&'static str, &'static str)) {
        let (table, column) = of;
        let away = format!("{column}_away");
        let is_back = self.away.remove(&of);
        let (from, to) = if is_back { (away.as_str(), column) } else { (column, away.as_str()) };
        self.built.run(&format!("ALTER TABLE acme.{table} RENAME COLUMN \"{from}\" TO \"{to}\""));
        if !is_back {
            self.away.insert(of);
        }
        // What landed in between has no value.
    }

    fn swap(&mut self) {
        if self.away.contains(&(UPDATES, "plan")) || self.away.contains(&(UPDATES, "order")) {
            return;
        }
        for (from, to) in [("plan", "other"), ("order", "plan"), ("other", "order")] {
            let sql = format!("ALTER TABLE acme.{UPDATES} RENAME COLUMN \"{from}\" TO \"{to}\"");
            self.built.run(&sql);
        }
        for row in self.landed.0.get_mut(UPDATES).into_iter().flatten() {
            let (plan, order) = (row.get("plan").clone(), row.get("order").clone());
            *row = row.clone().with("plan", order).with("order", plan);
        }
    }

    fn reland(&mut self, table: &'static str, is_seen: bool) {
        let (aside, cascade) = ("acme.landed_aside", self.cascade());
        if is_seen {
            self.built.run(&format!("DROP TABLE acme.{table}{cascade}"));
            self.away.retain(|(of, _)| *of != table);
            self.apply();
            self.built.land_tables();
            self.built.follow();
        } else {
            self.built.run(&format!("CREATE TABLE {aside} (LIKE acme.{table})"));
            self.built.run(&format!("DROP TABLE acme.{table}{cascade}"));
            self.built.run(&format!("ALTER TABLE {aside} RENAME TO {table}"));
            self.built.follow();
        }
        let rows = self.landed.0.remove(table).unwrap_or_default();
        let half = rows.into_iter().step_by(2);
        self.land(&Landed::default().and(table, half));
    }
}

fn with_mishaps(built: &mut Built, batches: &Batches, mishaps: &[Mishap]) -> Result<(), String> {
    let mut world = World { built, landed: Landed::default(), away: BTreeSet::new() };
    for model in MODELS {
        world.drop(model);
    }
    for table in LANDED_TABLES {
        world.drop(table);
    }
    world.built.land_tables();
    world.apply();
    world.built.clear();
    for (number, batch) in batches.iter().enumerate() {
        world.land(batch);
        let some = mishaps.iter().cycle().skip(number * 2).take(2);
        world.apply();
        for mishap in some {
            world.before(*mishap);
            world.befalls(*mishap);
            world.apply();
            let what = format!("{}, batch {number}, after {mishap:?}", world.built.name());
            let seen = world.visible(&world.landed);
            let expected = tables(&seen, &world.built.settings());
            compare::same(&what, &expected, &world.built.tables(), &seen)?;
        }
    }
    Ok(())
}

#[test]
fn a_table_or_column_that_was_made_again_is_read_in_full() {
    let engines = RefCell::new(Built::on_all(&incremental("0m", "")));
    let all = (batches(generate::landed(UPDATES), false), vec(mishap(), 1..=8));
    holds(16, all, |(batches, mishaps)| {
        engines.borrow_mut().iter_mut().try_for_each(|built| with_mishaps(built, batches, mishaps))
    });
}
