//! A watermark belongs to the table that it speaks of: one that was dropped, emptied, restored or made again, or whose
//! column was, is read in full by the next run, whatever was read before.

use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;

use crate::built::{Built, compare};
use crate::generate;
use crate::incremental::{Batches, batches, incremental};
use crate::model::{Landed, tables};
use crate::random::{UPDATES, holds};

const MODELS: [&str; 6] =
    ["id_graph", "external_id_mapping", "profile_traits", "long_traits", "identifiers", "merges"];

const TRAITS: [&str; 6] = ["plan", "visits", "score", "is_vip", "seen", "order"];

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
        1 => Just(Mishap::DropWatermarks),
        1 => Just(Mishap::DoubleWatermarks),
    ]
}

impl Mishap {
    /// Sets aside what is brought back later.
    fn before(self, built: &mut Built) {
        if let Self::Restore(model) = self {
            let table = MODELS[model];
            built.run("DROP TABLE IF EXISTS acme.aside");
            built.run(&format!("CREATE TABLE acme.aside AS SELECT * FROM acme.{table}"));
        }
    }

    fn befalls(self, built: &mut Built) {
        let is_postgres = built.name() == "postgres";
        match self {
            Self::Drop(model) => drop(built, MODELS[model]),
            Self::Empty(model) => built.run(&format!("DELETE FROM acme.{}", MODELS[model])),
            // SQLite's catalog may give a table that is made again the place of the old one.
            Self::Restore(model) if is_postgres => {
                let table = MODELS[model];
                built.run(&format!("TRUNCATE acme.{table}"));
                built.run(&format!("INSERT INTO acme.{table} SELECT * FROM acme.aside"));
            }
            Self::Restore(_) => {}
            Self::DropColumn(column) => {
                let sql =
                    format!("ALTER TABLE acme.profile_traits DROP COLUMN \"{}\"", TRAITS[column]);
                built.run(&sql);
            }
            Self::RenewColumn(column) => {
                Self::DropColumn(column).befalls(built);
                // There, the last column may be given the place of the old one.
                if is_postgres {
                    let sql_type =
                        ["text", "bigint", "double precision", "boolean", "timestamptz", "text"];
                    let column = format!("\"{}\" {}", TRAITS[column], sql_type[column]);
                    built.run(&format!("ALTER TABLE acme.profile_traits ADD COLUMN {column}"));
                }
            }
            Self::DropWatermarks => built.run("DROP TABLE acme.idgraph_watermarks"),
            Self::DoubleWatermarks if is_postgres => {
                let table = "acme.idgraph_watermarks";
                built.run(&format!(
                    "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS idgraph_watermarks_pkey"
                ));
                built.run(&format!("INSERT INTO {table} SELECT * FROM {table}"));
            }
            // SQLite keeps them from being doubled.
            Self::DoubleWatermarks => {}
        }
    }
}

fn drop(built: &mut Built, table: &str) {
    // The views that read it go with it; apply makes them again.
    let cascade = if built.name() == "postgres" { " CASCADE" } else { "" };
    built.run(&format!("DROP TABLE IF EXISTS acme.{table}{cascade}"));
}

fn with_mishaps(built: &mut Built, batches: &Batches, mishaps: &[Mishap]) -> Result<(), String> {
    built.clear();
    for model in MODELS {
        drop(built, model);
    }
    built.forget();
    built.apply();
    let mut landed = Landed::default();
    for (number, batch) in batches.iter().enumerate() {
        let mishap = mishaps[number % mishaps.len()];
        mishap.before(built);
        built.land(batch);
        for (table, rows) in &batch.0 {
            landed.add(table, rows.clone());
        }
        // A plan that added a column is not one to run again.
        built.forget();
        built.apply();
        mishap.befalls(built);
        built.forget();
        built.apply();
        let what = format!("{}, batch {number}, after {mishap:?}", built.name());
        let expected = tables(&landed, &built.settings());
        compare::same(&what, &expected, &built.tables(), &landed)?;
    }
    Ok(())
}

#[test]
fn a_table_or_column_that_was_made_again_is_read_in_full() {
    let engines = RefCell::new(Built::on_all(&incremental("0m", "")));
    let all = (batches(generate::landed(UPDATES), false), vec(mishap(), 1..=4));
    holds(16, all, |(batches, mishaps)| {
        engines.borrow_mut().iter_mut().try_for_each(|built| with_mishaps(built, batches, mishaps))
    });
}
