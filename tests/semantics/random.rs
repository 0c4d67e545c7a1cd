//! On random and hostile data every table equals the reference model, and what must not matter does not.
//!
//! `IDGRAPH_TEST_CASES=2000 cargo test --test semantics random` runs more cases of each than the usual few.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use crate::built::{Built, compare};
use crate::generate;
use crate::implied;
use crate::model::{Landed, Tables, tables};

const PROJECT: &str = "
space: acme
dialects: [postgres, sqlite]
traits:
  from: TRAITS
  columns: { plan: varchar, visits: integer, score: float, is_vip: boolean, seen: timestamp, order: varchar }
events: { Order Completed: { properties: { total: float } } }
models:
  id_graph: { materialized: KEPT }
  external_id_mapping: { materialized: KEPT }
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  user_identifiers: { materialized: KEPT, name: identifiers }
  profile_merges: { materialized: KEPT, name: merges }
  resolved_events: { materialized: EVENTS }";

pub const UPDATES: &str = "profile_traits_updates";

pub fn project(traits_from: &str, kept: &str) -> String {
    // Event tables are many, and tables of them slow to build: one of the tests has them.
    let events = if traits_from == "identifies" { kept } else { "view" };
    PROJECT.replace("TRAITS", traits_from).replace("KEPT", kept).replace("EVENTS", events)
}

/// Runs a property on generated values; a failure is shrunk, and printed whole.
pub fn holds<S: Strategy>(
    usual: u32,
    strategy: S,
    property: impl Fn(&S::Value) -> Result<(), String>,
) {
    let more = std::env::var("IDGRAPH_TEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: more.unwrap_or(usual),
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    let outcome = TestRunner::new(config)
        .run(&strategy, |value| property(&value).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("after shrinking:\n{why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// The property that every table on every engine is what the model says.
fn equal_to_the_model(project: &str, landed: impl Strategy<Value = Landed>, cases: u32) {
    let engines = RefCell::new(Built::on_all(project));
    holds(cases, landed, |landed| {
        engines.borrow_mut().iter_mut().try_for_each(|built| compare::with_model(built, landed))
    });
}

#[test]
fn tables_equal_the_model() {
    equal_to_the_model(&project(UPDATES, "table"), generate::landed(UPDATES), 80);
}

#[test]
fn tables_equal_the_model_with_traits_from_identify_calls() {
    equal_to_the_model(&project("identifies", "table"), generate::landed("identifies"), 40);
}

#[test]
fn views_equal_the_model() {
    equal_to_the_model(&project(UPDATES, "view"), generate::landed(UPDATES), 60);
}

#[test]
fn external_ids_that_are_taken_away_are_as_the_model_says() {
    for kept in ["table", "view"] {
        let yaml = format!("{}\nexternal_ids: {{ removals: true }}\n", project(UPDATES, kept));
        equal_to_the_model(&yaml, generate::with_removals(UPDATES), 40);
    }
}

/// The other meaning of NULL than the source's own.
pub fn other_null(yaml: &str) -> String {
    yaml.replace(
        "from: profile_traits_updates",
        "from: profile_traits_updates\n  null_means: unknown",
    )
    .replace("from: identifies", "from: identifies\n  null_means: unset")
}

#[test]
fn null_means_what_the_project_says_whatever_the_source() {
    for kept in ["table", "view"] {
        equal_to_the_model(&other_null(&project(UPDATES, kept)), generate::landed(UPDATES), 25);
        let identifies = other_null(&project("identifies", kept));
        equal_to_the_model(&identifies, generate::landed("identifies"), 25);
    }
}

#[test]
fn what_merges_around_snapshots_leave_of_a_profile_is_as_the_model_says() {
    for kept in ["table", "view"] {
        equal_to_the_model(&project(UPDATES, kept), generate::merged_snapshots(), 60);
    }
}

/// The same project after renames.
pub fn renamed(yaml: &str) -> String {
    yaml.replace("plan: varchar", "plan: { type: varchar, renamed_from: [plan_old, Plan Oldest] }")
        .replace("visits: integer", "visits: { type: integer, renamed_from: visited }")
}

#[test]
fn renamed_traits_keep_their_values() {
    for kept in ["table", "view"] {
        let yaml = renamed(&project(UPDATES, kept));
        equal_to_the_model(&yaml, generate::renamed(generate::landed(UPDATES)), 25);
        let yaml = renamed(&project("identifies", kept));
        equal_to_the_model(&yaml, generate::renamed(generate::landed("identifies")), 25);
    }
}

#[test]
fn the_order_of_landing_and_landing_again_change_nothing() {
    let engines = RefCell::new(Built::on_all(&project(UPDATES, "table")));
    let landed = generate::landed(UPDATES).prop_flat_map(|landed| {
        // A row without an id that lands again cannot be told from another one.
        let again = |rows: &Vec<crate::model::Row>| {
            let known = rows.iter().filter(|row| !row.get("id").is_null());
            rows.iter().chain(known).cloned().collect::<Vec<_>>()
        };
        let names: Vec<String> = landed.0.keys().cloned().collect();
        let tables: Vec<_> =
            landed.0.values().map(|rows| Just(again(rows)).prop_shuffle()).collect();
        (Just(landed), tables).prop_map(move |(landed, tables)| {
            (landed, Landed(names.iter().cloned().zip(tables).collect()))
        })
    });
    holds(30, landed, |(landed, again)| {
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            let expected = built.build(landed);
            let got = built.build(again);
            compare::same(&format!("{}, landed again", built.name()), &expected, &got, again)
        })
    });
}

#[test]
fn a_recursive_entry_that_others_imply_changes_nothing() {
    let engines = RefCell::new(Built::on_all(&project(UPDATES, "table")));
    holds(40, generate::with_recursive_entries(), |landed| {
        let implied = implied::entries(landed.rows("id_graph_updates"));
        let mut without = landed.clone();
        let entries = without.0.entry("id_graph_updates".to_owned()).or_default();
        let Some(place) = implied.first() else { return Ok(()) };
        entries.remove(*place);
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            let mut expected = built.build(landed);
            let mut got = built.build(&without);
            // profile_merges says by which landed row a profile points where it does: that does change.
            for tables in [&mut expected, &mut got] {
                for row in tables.get_mut("profile_merges").into_iter().flatten() {
                    row.0.retain(|column, _| {
                        !["seq", "uuid_ts", "received_at"].contains(&column.as_str())
                    });
                }
            }
            compare::same(
                &format!("{}, entry {place} removed", built.name()),
                &expected,
                &got,
                landed,
            )
        })
    });
}

#[test]
fn a_new_trait_changes_no_other_column() {
    let with = project(UPDATES, "table");
    let without = with.replace(", order: varchar", "");
    assert_ne!(with, without);
    let engines = RefCell::new((Built::on_all(&without), Built::on_all(&with)));
    let keep_known = |tables: Tables| -> Tables {
        let known = |(name, rows): (String, Vec<crate::model::Row>)| {
            let rows = rows
                .into_iter()
                .filter(|row| name != "user_traits" || row.text("name") != Some("order"));
            let rows = rows.map(|mut row| {
                row.0.remove("order");
                row
            });
            let rows = rows.collect();
            (name, rows)
        };
        tables.into_iter().map(known).collect()
    };
    holds(20, generate::landed(UPDATES), |landed| {
        let mut fewer = landed.clone();
        for row in fewer.0.values_mut().flatten() {
            row.0.remove("order");
        }
        let (without, with) = &mut *engines.borrow_mut();
        without.iter_mut().zip(with).try_for_each(|(without, with)| {
            let expected = without.build(&fewer);
            let got = keep_known(with.build(landed));
            compare::same(with.name(), &expected, &got, landed)
        })
    });
}

#[test]
fn a_trait_added_to_a_filled_table_comes_with_its_history() {
    let with = project(UPDATES, "table");
    let without = with.replace(", order: varchar", "");
    holds(3, generate::landed(UPDATES), |landed| {
        Built::on_all(&with).iter_mut().try_for_each(|built| {
            // The landed column is there before the project names it: only the project changes.
            built.land(landed);
            for table in ["profile_traits", "long_traits"] {
                built.run(&format!("DROP TABLE acme.{table}"));
            }
            built.edit(&without);
            built.apply();
            built.edit(&with);
            built.apply();
            let got = built.tables();
            let expected = tables(landed, &built.settings());
            compare::same(built.name(), &expected, &got, landed)
        })
    });
}

#[test]
fn applying_twice_changes_nothing() {
    let engines = RefCell::new(Built::on_all(&project(UPDATES, "table")));
    holds(30, generate::landed(UPDATES), |landed| {
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            let expected = built.build(landed);
            let report = built.apply();
            compare::same(built.name(), &expected, &built.tables(), landed)?;
            let written = report.written();
            // Where the engine can compare before it writes, nothing is written.
            if built.name() == "postgres" && !written.is_empty() {
                return Err(format!("written by the second apply: {written:?}\nlanded:\n{landed}"));
            }
            Ok(())
        })
    });
}
