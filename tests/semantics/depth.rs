//! Depth that no real space reaches must not hang: ten thousand merges in a chain or a cycle, no recursive entries.
//!
//! `cargo test --test semantics depth -- --nocapture` prints how long each takes.

use std::time::{Duration, Instant};

use crate::built::{Built, compare};
use crate::model::{Landed, Row, Value, row};

/// Far above what it takes, far below what anyone would call hanging.
const PATIENCE: Duration = Duration::from_secs(60);

const LENGTH: u32 = 10_000;

const PROJECT: &str = "
space: acme
dialects: [postgres, sqlite]
models: { profile_merges: { materialized: table, name: merges } }";

fn time(second: u32) -> String {
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "2022-{:02}-{:02} {:02}:{minute:02}:{:02}",
        1 + hour / 672,
        1 + hour / 24 % 28,
        hour % 24,
        second % 60
    )
}

fn merge(from: u32, to: u32, second: u32) -> Row {
    row!(
        id: format!("{from} to {to}"),
        segment_id: format!("p{from}"),
        canonical_segment_id: format!("p{to}"),
        timestamp: time(second),
        uuid_ts: time(0),
    )
}

/// Builds on every engine within its patience, and holds `id_graph` against what it must be.
fn check(name: &str, entries: Vec<Row>, expected: &[Row]) {
    let landed = Landed::default().and("id_graph_updates", entries);
    for mut built in Built::on_all(PROJECT) {
        built.land(&landed);
        let end = built.engine.interrupter();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE).is_err() {
                end();
            }
        });
        let start = Instant::now();
        let outcome = built.try_apply();
        let took = start.elapsed();
        let _ = done.send(());
        watch.join().expect("the watch");
        assert!(outcome.is_ok(), "{} gave up on {name} after {took:?}", built.name());
        eprintln!("{name} on {}: {took:.2?}", built.name());
        let difference = compare::difference("id_graph", expected, &built.rows("id_graph"));
        assert!(difference.is_none(), "{}: {name}\n{}", built.name(), difference.unwrap());
        let start = Instant::now();
        let report = crate::verify::report(&mut built);
        assert!(report.fine, "{}: {name} verified: {report:#?}", built.name());
        assert!(start.elapsed() < PATIENCE, "{}: {name} verified", built.name());
        eprintln!("{name} verified on {}: {:.2?}", built.name(), start.elapsed());
    }
}

/// The graph when all of it ends at one profile.
fn ends_at(canonical: u32, timestamp: impl Fn(u32) -> Value, all: u32) -> Vec<Row> {
    let row = |n: u32| {
        row!(
            segment_id: format!("p{n}"),
            canonical_segment_id: format!("p{canonical}"),
            timestamp: timestamp(n),
        )
    };
    (0..all).map(row).collect()
}

#[test]
fn a_chain_of_ten_thousand_ends_in_time() {
    let entries = (1..LENGTH).map(|n| merge(n, n - 1, n)).collect();
    // p0 has no entry: the earliest that names it.
    let expected = ends_at(0, |n| time(n.max(1)).into(), LENGTH);
    check("a chain of 10,000", entries, &expected);
}

/// A cycle of merges p0 → p1 → p2 … → p0 that happened in some order; the oldest entry is the one of age 0.
fn cycle(name: &str, age: impl Fn(u32) -> u32) {
    let entries = (0..LENGTH).map(|n| merge(n, (n + 1) % LENGTH, age(n))).collect();
    let head = (0..LENGTH).find(|n| age(*n) == 0).unwrap();
    // From each on until the head, whose own entry counts for itself alone.
    let mut greatest = vec![0; LENGTH as usize];
    let mut on_the_way = 0;
    for step in 1..LENGTH {
        let n = (head + LENGTH - step) % LENGTH;
        on_the_way = age(n).max(on_the_way);
        greatest[n as usize] = on_the_way;
    }
    let expected = ends_at(head, |n| time(greatest[n as usize]).into(), LENGTH);
    check(name, entries, &expected);
}

#[test]
fn a_cycle_of_ten_thousand_ends_in_time() {
    cycle("a cycle of 10,000, older to newer", |n| n);
    cycle("a cycle of 10,000, newer to older", |n| LENGTH - 1 - n);
    // 7,919 and 10,000 have no common divisor: every age once.
    cycle("a cycle of 10,000, mixed", |n| (n * 7_919 + 17) % LENGTH);
}

#[test]
fn a_long_tail_into_a_cycle_ends_in_time() {
    // p0 and p1 into each other, the tail behind p0.
    let mut entries: Vec<Row> =
        (2..LENGTH).map(|n| merge(n, if n == 2 { 0 } else { n - 1 }, n)).collect();
    entries.extend([merge(0, 1, 1), merge(1, 0, 0)]);
    let expected = ends_at(
        1,
        |n| {
            time(if n == 0 {
                1
            } else if n == 1 {
                0
            } else {
                n
            })
            .into()
        },
        LENGTH,
    );
    check("a tail of 10,000 into a cycle", entries, &expected);
}
