//! A landed row that changes in place, with a new load time: what the tables said by the row as it was is computed again, too.

use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;

use crate::built::{Built, compare};
use crate::generate;
use crate::incremental::{Batches, batches, incremental, load_time};
use crate::model::{Landed, Row, Value, tables};
use crate::random::{UPDATES, holds};
use crate::scenario::{entry, event, mapping, without_events};

/// What changes of a row, by dice.
type Change = (u8, u8, u8);

const SEGMENTS: [&str; 6] = ["a", "b", "p1", "p2", "p9", "stray"];

/// The tables whose rows change, one at a time: an external id that changes while its profile moves cannot be told.
const CHANGING: [&str; 3] = ["id_graph_updates", "external_id_mapping_updates", UPDATES];

/// The row as it is from then on: of what it is found by, one thing changes at most.
fn changed(table: &str, row: &Row, (what, which, _): Change) -> Row {
    let segment = SEGMENTS[usize::from(which) % SEGMENTS.len()];
    match (table, what % 3) {
        ("id_graph_updates", 0) if !row.get("canonical_segment_id").is_null() => {
            row.clone().with("segment_id", segment)
        }
        ("id_graph_updates", _) => row.clone().with("canonical_segment_id", segment),
        ("external_id_mapping_updates", 0) => row.clone().with("segment_id", segment),
        ("external_id_mapping_updates", 1) => row.clone().with("external_id_type", "Email"),
        ("external_id_mapping_updates", _) => row.clone().with("external_id_value", segment),
        _ => row.clone().with("plan", segment).with("visits", Value::Null),
    }
}

/// Changes some landed rows of those that are known by an id, in the database and in what the model is told.
fn change_some(
    built: &mut Built,
    landed: &mut Landed,
    number: usize,
    changes: &[Change],
) -> String {
    let mut told = String::new();
    let table = CHANGING[number / 2 % CHANGING.len()];
    let mut done = Vec::new();
    for change in changes {
        let rows = landed.0.entry(table.to_owned()).or_default();
        // Whether a landed hash is kept is no question of the key.
        let known = |row: &&Row| !row.get("id").is_null() && row.get("external_id_hash").is_null();
        // Of the graph, entries that decide: of another one's target no table says by whom it was named.
        let decides = |row: &&Row| {
            let of_segment = |other: &&Row| other.get("segment_id") == row.get("segment_id");
            let others = rows.iter().filter(of_segment);
            table != CHANGING[0] || others.clone().all(|other| other.get("id") == row.get("id"))
        };
        // Once each: of what a row is found by, twice would change all.
        let ids = rows.iter().filter(known).filter(decides).map(|row| row.get("id").clone());
        let ids: Vec<Value> = ids.filter(|id| !done.contains(id)).collect();
        if ids.is_empty() {
            continue;
        }
        let id = ids[usize::from(change.2) % ids.len()].clone();
        let again = rows.iter().find(|row| row.get("id") == &id).expect("the row");
        let again = changed(table, again, *change).with("uuid_ts", load_time(number, 7, false));
        rows.retain(|row| row.get("id") != &id);
        done.push(id.clone());
        rows.push(again.clone());
        let id = id.as_text().text().unwrap_or_default().to_owned();
        built.run(&format!("DELETE FROM acme.{table} WHERE id = '{id}'"));
        told = format!("{told}\n{table}: {again}");
        built.land(&Landed::default().and(table, [again]));
    }
    told
}

fn after_each_change(
    built: &mut Built,
    batches: &Batches,
    changes: &[Vec<Change>],
) -> Result<(), String> {
    built.clear();
    built.run("DELETE FROM acme.idgraph_watermarks");
    built.apply();
    let mut landed = Landed::default();
    for number in 0..batches.len() * 2 {
        let batch = batches.get(number / 2).filter(|_| number % 2 == 0);
        let mut told = String::new();
        if let Some(batch) = batch {
            let late = |row: &Row| row.clone().with("uuid_ts", load_time(number, 7, false));
            let batch = Landed(
                batch
                    .0
                    .iter()
                    .map(|(table, rows)| (table.clone(), rows.iter().map(late).collect()))
                    .collect(),
            );
            built.land(&batch);
            for (table, rows) in batch.0 {
                landed.add(&table, rows);
            }
        } else {
            told = change_some(built, &mut landed, number, &changes[number % changes.len()]);
        }
        built.apply();
        let what = format!("{}, step {number}, changed in place:{told}", built.name());
        let expected = tables(&landed, &built.settings());
        compare::same(&what, &expected, &built.tables(), &landed)?;
    }
    Ok(())
}

#[test]
fn what_a_row_said_before_it_changed_in_place_is_computed_again() {
    let engines = RefCell::new(Built::on_all(&incremental("0m", "")));
    let changes = vec(vec(any::<Change>(), 1..=4), 1..=4);
    let all = (batches(generate::landed(UPDATES), false), changes);
    holds(20, all, |(batches, changes)| {
        let mut engines = engines.borrow_mut();
        engines.iter_mut().try_for_each(|built| after_each_change(built, batches, changes))
    });
}

#[test]
fn a_profile_that_an_entry_no_longer_points_to_keeps_nothing() {
    let yaml = without_events().replace("KEPT", "incremental");
    for mut built in Built::on_all(&format!("{yaml}\nincremental: {{ lookback: 0m }}\n")) {
        let others = Landed::default()
            .and("id_graph_updates", (0..9).map(|one| entry(&format!("s{one}"), "s", 2)))
            .and("identifies", [event("a", 2).with("email", "a@x"), event("s", 3)])
            .and("external_id_mapping_updates", [mapping("a", "email", "a@x", 2)]);
        let mut landed =
            others.clone().and("id_graph_updates", [entry("a", "b", 2).with("id", "r")]);
        built.land(&landed);
        built.apply();
        let moved = entry("a", "c", 4).with("id", "r");
        let renamed = mapping("a", "email", "new@x", 4).with("id", "a has email a@x on 2");
        landed = others.and("id_graph_updates", [moved.clone()]);
        landed.0.insert("external_id_mapping_updates".to_owned(), vec![renamed.clone()]);
        built.run("DELETE FROM acme.id_graph_updates WHERE id = 'r'");
        built.run("DELETE FROM acme.external_id_mapping_updates");
        let again = Landed::default()
            .and("id_graph_updates", [moved])
            .and("external_id_mapping_updates", [renamed]);
        built.land(&again);
        built.apply();
        let expected = tables(&landed, &built.settings());
        if let Err(why) = compare::same(built.name(), &expected, &built.tables(), &landed) {
            panic!("{why}");
        }
    }
}

#[test]
fn profiles_that_an_entry_took_along_and_takes_no_longer_are_computed_again() {
    let yaml = without_events().replace("KEPT", "incremental");
    for mut built in Built::on_all(&format!("{yaml}\nincremental: {{ lookback: 0m }}\n")) {
        // To d and with it to the end; by an older entry a leads there, too.
        let chain = [("a", "b", 1), ("b", "c", 2), ("c", "d", 2), ("e", "f", 2), ("y", "z", 3)];
        let mut landed = Landed::default()
            .and("id_graph_updates", chain.map(|(from, to, day)| entry(from, to, day)))
            .and("id_graph_updates", [entry("d", "e", 2).with("id", "r")])
            .and("identifies", [event("c", 2).with("email", "c@x"), event("f", 3)])
            .and("external_id_mapping_updates", [mapping("c", "email", "c@x", 2)]);
        built.land(&landed);
        built.apply();
        // Now it is of a: b, c and d are by themselves.
        let again = entry("a", "e", 5).with("id", "r");
        landed
            .0
            .entry("id_graph_updates".to_owned())
            .or_default()
            .retain(|row| row.get("id").as_text().text() != Some("r"));
        landed = landed.and("id_graph_updates", [again.clone()]);
        built.run("DELETE FROM acme.id_graph_updates WHERE id = 'r'");
        built.land(&Landed::default().and("id_graph_updates", [again]));
        built.apply();
        let expected = tables(&landed, &built.settings());
        if let Err(why) = compare::same(built.name(), &expected, &built.tables(), &landed) {
            panic!("{why}");
        }
    }
}
