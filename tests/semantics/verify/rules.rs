//! What is wrong is named: each rule, what is over a limit, and what no refresh heals.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use idgraph::verify::Report;
use proptest::prelude::*;

use super::{SMALL, broken, differing, found, report};
use crate::built::{Built, model_of};
use crate::generate;
use crate::model::{Landed, Value, later, tables};
use crate::random::{UPDATES, holds, project};
use crate::scenario::{entry, event, mapping};

fn set(keys: &[&[&str]]) -> BTreeSet<Vec<String>> {
    keys.iter().map(|key| key.iter().map(|part| (*part).to_owned()).collect()).collect()
}

/// A few profiles, merged and not, ids that differ in case alone.
fn few() -> Landed {
    Landed::default()
        .and("id_graph_updates", [entry("p", "p", 1), entry("q", "p", 2), entry("r", "q", 3)])
        .and("id_graph_updates", [entry("P", "P", 1), entry("Q", "P", 4)])
        .and("external_id_mapping_updates", [mapping("p", "email", "j@x", 1)])
        .and("external_id_mapping_updates", [mapping("P", "email", "J@x", 2)])
        .and(UPDATES, [event("p", 1).with("email", "j@x"), event("Q", 2).with("plan", "pro")])
}

/// Builds from `few`, does something to the tables, and says what was found.
fn after(sql: &[&str], then: impl Fn(&mut Built, &Report)) {
    for mut built in Built::on_all(SMALL) {
        built.build(&few());
        assert!(report(&mut built).fine);
        for sql in sql {
            built.run(sql);
        }
        let report = report(&mut built);
        let expected = differing(&tables(&few(), &built.settings()), &built.tables());
        assert_eq!(found(&report), expected, "{}", built.name());
        assert!(!report.fine);
        then(&mut built, &report);
        built.apply();
        assert!(super::report(&mut built).fine, "a refresh makes it right");
    }
}

#[test]
fn a_canonical_that_is_not_its_own_is_found() {
    after(
        &[
            "UPDATE acme.id_graph SET canonical_segment_id = 'q' WHERE segment_id = 'r'",
            "UPDATE acme.id_graph SET canonical_segment_id = NULL WHERE segment_id = 'Q'",
            "UPDATE acme.id_graph SET canonical_segment_id = 'nobody' WHERE segment_id = 'P'",
        ],
        |_, report| {
            let expected = set(&[&["r", "q"], &["Q", "null"], &["P", "nobody"]]);
            assert_eq!(broken(report, "canonical_of_itself"), expected);
        },
    );
}

#[test]
fn a_profile_without_a_row_is_found() {
    after(
        &["DELETE FROM acme.profile_traits WHERE canonical_segment_id IN ('q', 'P')"],
        |_, report| {
            assert_eq!(broken(report, "profile_has_row"), set(&[&["q"], &["P"]]));
        },
    );
}

#[test]
fn an_external_id_held_twice_is_found() {
    after(
        &[
            "INSERT INTO acme.external_id_mapping (canonical_segment_id, external_id_type, external_id_value) VALUES ('r', 'email', 'j@x')",
        ],
        |_, report| {
            assert_eq!(broken(report, "external_id_held_once"), set(&[&["email", "j@x"]]));
        },
    );
}

#[test]
fn a_merged_profile_with_traits_is_found() {
    after(
        &["UPDATE acme.profile_traits SET plan = '' WHERE canonical_segment_id IN ('r', 'P')"],
        |_, report| {
            assert_eq!(broken(report, "merged_has_no_traits"), set(&[&["r", "p"]]));
        },
    );
}

#[test]
fn rows_that_are_there_twice_are_extra() {
    after(
        &["INSERT INTO acme.id_graph SELECT * FROM acme.id_graph WHERE segment_id = 'q'"],
        |built, _| built.run("DELETE FROM acme.id_graph"),
    );
    after(
        &["DELETE FROM acme.long_traits", "DELETE FROM acme.merges WHERE segment_id = 'r'"],
        |_, _| {},
    );
}

#[test]
fn what_landed_and_was_not_refreshed_is_found() {
    for mut built in Built::on_all(SMALL) {
        built.build(&few());
        let news = Landed::default()
            .and("id_graph_updates", [entry("p", "s", 5)])
            .and("external_id_mapping_updates", [mapping("s", "email", "j@x", 9)])
            .and(UPDATES, [event("Q", 8).with("plan", "free")]);
        built.land(&news);
        let mut landed = few();
        for (table, rows) in news.0 {
            landed.add(&table, rows);
        }
        let expected = differing(&tables(&landed, &built.settings()), &built.tables());
        assert!(!expected.is_empty());
        assert_eq!(found(&report(&mut built)), expected, "{}", built.name());
    }
}

/// Where following the latest entries never comes to an end, and else after how many of them.
fn ways(landed: &Landed) -> BTreeMap<String, Option<usize>> {
    let rows =
        || landed.rows("id_graph_updates").iter().filter(|row| row.text("segment_id").is_some());
    let edge = |segment: &str| {
        let own = rows().filter(|row| row.text("segment_id") == Some(segment));
        let to = later::latest(later::GRAPH, own)?.text("canonical_segment_id")?.to_owned();
        (to != segment).then_some(to)
    };
    let segments: BTreeSet<&str> = rows().filter_map(|row| row.text("segment_id")).collect();
    let all = segments.len();
    let way = |segment: &str| {
        let (mut here, mut steps) = (segment.to_owned(), 0);
        while let Some(next) = edge(&here) {
            (here, steps) = (next, steps + 1);
            if steps > all {
                return None;
            }
        }
        Some(steps)
    };
    segments.iter().map(|segment| ((*segment).to_owned(), way(segment))).collect()
}

#[test]
fn profiles_that_run_into_a_cycle_are_warned_of_and_the_longest_chain_is_measured() {
    let engines = RefCell::new(Built::on_all(SMALL));
    let only_graph = generate::landed(UPDATES).prop_map(|mut landed| {
        landed.0.retain(|table, _| table == "id_graph_updates");
        landed
    });
    holds(12, only_graph, |landed| {
        let ways = ways(landed);
        let in_cycles: BTreeSet<Vec<String>> = ways
            .iter()
            .filter(|(_, way)| way.is_none())
            .map(|(segment, _)| vec![segment.clone()])
            .collect();
        let deepest = ways.values().flatten().max().copied().unwrap_or(0) as u64;
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            built.build(landed);
            let report = report(built);
            let cycles = broken(&report, "no_cycle");
            if cycles == in_cycles && report.deepest == deepest && report.fine {
                return Ok(());
            }
            Err(format!(
                "{}: {cycles:?}, deepest {}, not {in_cycles:?}, {deepest}\nlanded:\n{landed}",
                built.name(),
                report.deepest
            ))
        })
    });
}

#[test]
fn what_is_over_segment_s_limits_is_warned_of() {
    // A chain of a hundred entries is within them, one of a hundred and one is not.
    let chain = |name: &'static str, length: u32| {
        (0..length).map(move |n| entry(&format!("{name}{n}"), &format!("{name}{}", n + 1), 1))
    };
    let star = |name: &'static str, rays: u32| {
        (0..rays).map(move |n| entry(&format!("{name}-{n}"), name, 1))
    };
    let known = |name: &'static str, count: u32| {
        (0..count).map(move |n| mapping(name, "email", &format!("{name}{n}"), 1))
    };
    let landed = Landed::default()
        .and("id_graph_updates", chain("c", 100).chain(chain("d", 101)))
        .and("id_graph_updates", star("s", 100).chain(star("t", 101)))
        .and("external_id_mapping_updates", known("k", 1000).chain(known("s", 1)))
        // On a merged profile they are its canonical one's.
        .and("external_id_mapping_updates", known("t-3", 1001));
    for mut built in Built::on_all(SMALL) {
        built.build(&landed);
        let report = report(&mut built);
        assert_eq!(report.deepest, 101);
        assert_eq!(broken(&report, "depth"), set(&[&["d0", "101"]]), "{}", built.name());
        // d101 has 101 merged into it, too.
        assert_eq!(broken(&report, "merges"), set(&[&["d101", "101"], &["t", "101"]]));
        assert_eq!(broken(&report, "external_ids"), set(&[&["t", "1001"]]));
        assert!(report.fine, "a warning is no error");
    }
}

#[test]
fn rows_behind_the_lookback_are_told_from_those_that_the_next_refresh_heals() {
    let yaml = SMALL.replace("{ name:", "{ materialized: incremental, name:").replace(
        "models: {",
        "incremental: { lookback: 1h }\nmodels: { id_graph: { materialized: incremental }, external_id_mapping: { materialized: incremental }, profile_traits: { materialized: incremental },",
    );
    for mut built in Built::on_all(&yaml) {
        let first = few()
            .and("id_graph_updates", [entry("z", "z", 20)])
            .and("external_id_mapping_updates", [mapping("z", "email", "z", 20)])
            .and(UPDATES, [event("z", 20).with("plan", "z"), event("y", 2).with("plan", "y")]);
        built.land(&first);
        built.apply();
        // Loaded on the third day, after the twentieth was read.
        let late = Landed::default()
            .and("id_graph_updates", [entry("P", "p", 21).with("uuid_ts", "2022-01-03 00:00:00")])
            .and(
                UPDATES,
                [event("y", 22).with("plan", "late").with("uuid_ts", "2022-01-03 00:00:00")],
            );
        built.land(&late);
        built.apply();
        let mut landed = first.clone();
        for (table, rows) in late.0 {
            landed.add(&table, rows);
        }
        let lost = differing(&tables(&landed, &built.settings()), &built.tables());
        assert!(!lost.is_empty());
        let missed = report(&mut built);
        assert_eq!(found(&missed), lost, "{}", built.name());
        for model in &missed.models {
            let keys = model.keys.iter().flatten();
            assert!(keys.clone().all(|key| key.beyond_lookback == Some(true)), "{model:?}");
            assert_eq!(model.beyond_lookback, Some(keys.count() as u64));
        }
        // What lands in time is the next refresh's.
        let news = Landed::default()
            .and("external_id_mapping_updates", [mapping("q", "email", "new", 21)])
            .and("id_graph_updates", [entry("new", "y", 21)]);
        built.land(&news);
        for (table, rows) in news.0 {
            landed.add(&table, rows);
        }
        let all = differing(&tables(&landed, &built.settings()), &built.tables());
        let both = report(&mut built);
        assert_eq!(found(&both), all, "{}", built.name());
        let beyond: BTreeSet<(String, Vec<Value>)> = both
            .models
            .iter()
            .flat_map(|model| {
                let keys = model.keys.iter().flatten();
                let beyond = keys.filter(|key| key.beyond_lookback == Some(true));
                beyond.map(|key| {
                    (
                        model_of(&model.table).to_owned(),
                        key.key.values().map(|value| value.as_str().into()).collect(),
                    )
                })
            })
            .collect();
        // Exactly what a refresh leaves wrong: y's plan is computed again, since y was merged with.
        built.apply();
        let left = differing(&tables(&landed, &built.settings()), &built.tables());
        let left: BTreeSet<(String, Vec<Value>)> =
            left.into_keys().map(|(table, key, _)| (table, key)).collect();
        assert!(!left.is_empty() && left.len() < lost.len(), "left {left:?}\nlost {lost:?}");
        assert_eq!(beyond, left, "{}", built.name());
        // All of it at once is right again.
        built.run("DELETE FROM acme.idgraph_watermarks");
        built.apply();
        assert!(report(&mut built).fine);
    }
}

#[test]
fn views_are_not_compared_and_break_no_rule() {
    let yaml = project(UPDATES, "view");
    for mut built in Built::on_all(&yaml) {
        built.build(
            &Landed::default().and("id_graph_updates", [entry("a", "b", 1), entry("b", "a", 2)]),
        );
        let report = report(&mut built);
        assert!(report.fine && report.models.iter().all(|model| !model.compared));
        let unchecked = report.rules.iter().filter(|rule| !rule.checked).count();
        assert_eq!(unchecked, 4);
        assert_eq!(broken(&report, "no_cycle"), set(&[&["a"], &["b"]]));
    }
}
