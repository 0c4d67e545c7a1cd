//! A database that went through every migration of a project is what a new one of the last project is: the same
//! tables, columns, types, comments, indexes and rows. On the way back it is what it was before.

#[path = "migrations/edits.rs"]
mod edits;
#[path = "migrations/places.rs"]
mod places;
#[path = "support/mod.rs"]
mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use edits::{Edit, Sketch};
use places::{Place, both};
use support::command::idgraph;

/// Runs `migrate new` in a place; what it says.
fn migrate_new(place: &Place) -> Result<String, String> {
    let run = idgraph(place.folder(), &["migrate", "new"]);
    match run.code {
        Some(0) => Ok(run.stdout + &run.stderr),
        _ => Err(format!("migrate new: {}", run.stderr)),
    }
}

/// Walks a project through edits, rows landing before each.
fn walk(steps: &[(Edit, u64)]) -> Result<(), String> {
    for place in both() {
        let mut sketch = Sketch::first();
        place.write(&sketch.yaml());
        place.grow();
        migrate_new(&place)?;
        place.apply(&[])?;
        for (number, (edit, seed)) in steps.iter().enumerate() {
            place.grow();
            place.land(&sketch, *seed, number);
            place.run(&["refresh"])?;
            let before = place.catalog();
            let was = sketch.yaml();
            if !sketch.change(edit) {
                continue;
            }
            let what = format!(
                "{}, step {number} {edit:?}\nfrom:\n{was}\nto:\n{}",
                place.name(),
                sketch.yaml()
            );
            let told = |why: String| format!("{what}\n{why}");
            place.write(&sketch.yaml());
            // The first value lands before the migration or behind it.
            if seed % 2 == 0 || sketch.has_views() {
                place.grow();
            }
            let count = place.migrations().len();
            let said = migrate_new(&place).map_err(told)?;
            let again = migrate_new(&place).map_err(told)?;
            if !again.contains("no difference") {
                return Err(told(format!("a second time: {again}")));
            }
            let ways = place.migrations();
            place.apply(&[]).map_err(told)?;
            place.equals_new(&sketch.yaml()).map_err(told)?;
            if said.contains("there is no way back") || ways.len() == count {
                continue;
            }
            let back = (ways.len() - 1).to_string();
            place.apply(&["--to", &back]).map_err(|why| told(format!("back: {why}")))?;
            // No way back takes a landed table or column away.
            let (mut before, mut after) = (before, place.catalog());
            before.retain(|object, _| !places::is_landed(object));
            after.retain(|object, _| !places::is_landed(object));
            if before != after {
                return Err(told(places::differing(&before, &after)));
            }
            place.apply(&[]).map_err(|why| told(format!("again: {why}")))?;
            place.equals_new(&sketch.yaml()).map_err(|why| told(format!("again: {why}")))?;
        }
    }
    Ok(())
}

#[test]
fn a_migrated_database_equals_a_new_one() {
    let more = std::env::var("IDGRAPH_TEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: more.unwrap_or(6),
        max_shrink_iters: 8,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    let steps = vec((edits::any_edit(), any::<u64>()), 1..5);
    match TestRunner::new(config).run(&steps, |steps| walk(&steps).map_err(TestCaseError::fail)) {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn works(edits: Vec<Edit>) {
    let steps: Vec<_> = edits.into_iter().zip(1..).collect();
    walk(&steps).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn every_edit_of_columns_works() {
    works(edits::of_columns());
}

#[test]
fn every_edit_of_models_works() {
    works(edits::of_models());
}
