//! The graph: merges in every shape and order.

use crate::model::{Row, Value, row};
use crate::scenario::{Scenario, check, day, entry, without_events};

/// p0, and p1 to p`length` each merged into the one before; the merge next to p0 is the last.
fn chain(length: u32) -> Vec<Row> {
    let mut rows = vec![entry("p0", "p0", 1)];
    rows.extend((1..=length).map(|n| merge(n, n - 1)));
    rows
}

/// p`from` into p`to`, at the time when p`to` + 1 was merged into p`to`.
fn merge(from: u32, to: u32) -> Row {
    entry(&format!("p{from}"), &format!("p{to}"), 1).with("timestamp", minute(200 - to))
}

fn minute(n: u32) -> String {
    format!("2022-02-{:02} {:02}:{:02}:00", 1 + n / 1440, n / 60 % 24, n % 60)
}

/// A cycle: c0 into c1, c1 into c2, …; the entry of c`oldest` is the oldest.
fn cycle(length: u32, oldest: u32) -> Vec<Row> {
    let age = |n: u32| (n + length - oldest) % length;
    let merge = |n: u32| {
        let (from, to) = (format!("c{n}"), format!("c{}", (n + 1) % length));
        entry(&from, &to, 1).with("timestamp", minute(age(n))).with("seq", "")
    };
    (0..length).map(merge).collect()
}

#[test]
fn merges_resolve_to_the_profile_at_their_end() {
    // What Segment lands beside: each profile into each one further up, when that was merged.
    let recursive = (2..=100).flat_map(|from| (0..from - 1).map(move |to| merge(from, to)));
    let recursive: Vec<Row> = chain(100).into_iter().chain(recursive).collect();
    let all_into_p0: Vec<String> = (1..=100)
        .map(|n| format!("p{n} p0 {}", minute(200)))
        .chain(["p0 p0 1".to_owned()])
        .collect();
    let all_into_p0: Vec<&str> = all_into_p0.iter().map(String::as_str).collect();
    check(
        &without_events(),
        &[
            Scenario::new("nothing landed").expect_graph(&[]).expect_mapping(&[]),
            Scenario::new("one merge")
                .graph([entry("p1", "p1", 1), entry("p2", "p2", 2), entry("p2", "p1", 3)])
                .expect_graph(&["p1 p1 1", "p2 p1 3"])
                .expect(
                    "profile_merges",
                    &["segment_id", "canonical_segment_id", "seq", "uuid_ts", "timestamp"],
                    &["p1 p1 0001 1 1", "p2 p1 0003 3 3"],
                ),
            Scenario::new("a chain without recursive entries")
                .graph([entry("p0", "p0", 1), entry("p1", "p0", 4), entry("p2", "p1", 3)])
                .expect_graph(&["p0 p0 1", "p1 p0 4", "p2 p0 4"]),
            Scenario::new("a chain with its recursive entry")
                .graph([entry("p0", "p0", 1), entry("p1", "p0", 4), entry("p2", "p1", 3)])
                .graph([entry("p2", "p0", 4)])
                .expect_graph(&["p0 p0 1", "p1 p0 4", "p2 p0 4"]),
            Scenario::new("the greatest timestamp may be in the middle of the way")
                .graph([entry("p3", "p2", 5), entry("p2", "p1", 9), entry("p1", "p0", 2)])
                .expect_graph(&["p0 p0 2", "p1 p0 2", "p2 p0 9", "p3 p0 9"]),
            Scenario::new("a diamond: a profile merged into two others, which are one")
                .graph([entry("d", "b", 3), entry("d", "c", 4), entry("b", "a", 5)])
                .graph([entry("c", "a", 6), entry("a", "a", 1)])
                .expect_graph(&["a a 1", "b a 5", "c a 6", "d a 6"]),
            Scenario::new("merged again and again at one moment: seq decides")
                .graph([
                    entry("p", "a", 5).with("seq", "1"),
                    entry("p", "b", 5).with("seq", "3"),
                    entry("p", "c", 5).with("seq", "2"),
                ])
                .expect_graph(&["p b 5", "a a 5", "b b 5", "c c 5"]),
            Scenario::new("merges that land in the wrong order")
                .graph([entry("p2", "p1", 3), entry("p1", "p0", 5), entry("p2", "p2", 2)])
                .graph([entry("p1", "p1", 1), entry("p0", "p0", 1)])
                .expect_graph(&["p0 p0 1", "p1 p0 5", "p2 p0 5"]),
            Scenario::new("a row of the past that lands last")
                .graph([entry("p", "new", 5), entry("p", "old", 2).with("uuid_ts", day(9))])
                .expect_graph(&["p new 5", "new new 5", "old old 2"]),
            Scenario::new("a row that lands twice")
                .graph([entry("p", "a", 3), entry("p", "a", 3).with("uuid_ts", day(8))])
                .graph([entry("p", "a", 3)])
                .expect_graph(&["p a 3", "a a 3"])
                .expect("profile_merges", &["segment_id", "uuid_ts"], &["p 8", "a -"]),
            Scenario::new("a merge that is undone")
                .graph([entry("p", "a", 3), entry("p", "p", 4)])
                .expect_graph(&["p p 4", "a a 3"]),
            Scenario::new("a chain of 100").graph(chain(100)).expect_graph(&all_into_p0),
            Scenario::new("a chain of 100 with all recursive entries")
                .graph(recursive)
                .expect_graph(&all_into_p0),
        ],
    );
}

#[test]
fn ties_fall_to_the_next_column_and_never_to_chance() {
    let ends = |name, entries: [Row; 2], winner: &str| {
        let all = [format!("p {winner} 5"), "a a 5".to_owned(), "b b 5".to_owned()];
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        // In both orders of landing.
        let [one, other] = entries.clone();
        [
            Scenario::new(name).graph(entries).expect_graph(&all),
            Scenario::new(name).graph([other, one]).expect_graph(&all),
        ]
    };
    let (a, b) = (entry("p", "a", 5), entry("p", "b", 5));
    let null = || Value::Null;
    let scenarios = [
        ends(
            "seq by bytes: 9 after 10",
            [a.clone().with("seq", "9"), b.clone().with("seq", "10")],
            "a",
        ),
        ends(
            "seq by bytes: a after B",
            [a.clone().with("seq", "a"), b.clone().with("seq", "B")],
            "a",
        ),
        ends(
            "seq by bytes: é after z",
            [a.clone().with("seq", "é"), b.clone().with("seq", "z")],
            "a",
        ),
        ends(
            "seq: any after none",
            [a.clone().with("seq", ""), b.clone().with("seq", null())],
            "a",
        ),
        ends("seq: the longer", [a.clone().with("seq", "100"), b.clone().with("seq", "10")], "a"),
        ends(
            "uuid_ts",
            [a.clone().with("uuid_ts", day(9)), b.clone().with("uuid_ts", day(8))],
            "a",
        ),
        ends(
            "uuid_ts: any after none",
            [a.clone().with("uuid_ts", day(1)), b.clone().with("uuid_ts", null())],
            "a",
        ),
        ends("id", [a.clone().with("id", "2"), b.clone().with("id", "1")], "a"),
        ends("id by bytes", [a.clone().with("id", "a"), b.clone().with("id", "B")], "a"),
        ends("id: any after none", [a.clone().with("id", ""), b.clone().with("id", null())], "a"),
        ends(
            "without ids the greater canonical",
            [a.clone().with("id", null()), b.clone().with("id", null())],
            "b",
        ),
    ];
    check(&without_events(), &scenarios.into_iter().flatten().collect::<Vec<_>>());
    // A NULL canonical id means the profile itself, and is less than any other.
    let own = a.clone().with("id", null()).with("canonical_segment_id", null());
    check(
        &without_events(),
        &[Scenario::new("an own entry and a merge that tie")
            .graph([b.with("id", null()).with("canonical_segment_id", "A"), own])
            .expect_graph(&["p A 5", "A A 5"])],
    );
}

#[test]
fn cycles_end_at_the_member_whose_latest_entry_is_the_oldest() {
    let mut tails = cycle(3, 1);
    tails.extend([entry("t1", "c2", 1), entry("t2", "t1", 30), entry("t3", "c1", 2)]);
    check(
        &without_events(),
        &[
            Scenario::new("a cycle of two")
                .graph([entry("a", "b", 3), entry("b", "a", 2)])
                .expect_graph(&["a b 3", "b b 2"]),
            Scenario::new("a cycle of three")
                .graph([entry("a", "b", 3), entry("b", "c", 2), entry("c", "a", 4)])
                .expect_graph(&["a b 3", "b b 2", "c b 4"]),
            Scenario::new("a cycle of fifty").graph(cycle(50, 17)),
            Scenario::new("a cycle of fifty, its oldest first").graph(cycle(50, 0)),
            Scenario::new("tails into a cycle").graph(tails),
            Scenario::new("two cycles")
                .graph(cycle(4, 2))
                .graph([entry("x", "y", 3), entry("y", "x", 3)])
                .graph([entry("z", "x", 9)]),
            Scenario::new("a cycle of ties: the id decides which entry is the oldest")
                .graph([
                    entry("a", "b", 3).with("id", "2"),
                    entry("b", "c", 3).with("id", "10"),
                    entry("c", "a", 3).with("id", "3"),
                ])
                .expect_graph(&["a b 3", "b b 3", "c b 3"]),
            Scenario::new("a cycle of ties that only the carried ids break")
                .graph(
                    [("a", "b"), ("b", "c"), ("c", "a")]
                        .map(|(from, to)| entry(from, to, 3).with("id", Value::Null)),
                )
                // The entry of c carries the least canonical id.
                .expect_graph(&["a c 3", "b c 3", "c c 3"]),
            Scenario::new("a cycle without timestamps: NULL is the oldest")
                .graph([
                    entry("a", "b", 3),
                    entry("b", "c", 2).with("timestamp", Value::Null),
                    entry("c", "a", 4),
                ])
                .expect_graph(&["a b 3", "b b -", "c b 4"]),
            Scenario::new("a cycle that a later merge breaks")
                .graph([entry("a", "b", 3), entry("b", "a", 2), entry("a", "a", 5)])
                .expect_graph(&["a a 5", "b a 2"]),
            Scenario::new("a profile merged into itself")
                .graph([entry("a", "a", 3), entry("a", "a", 4)])
                .expect_graph(&["a a 4"]),
        ],
    );
}

#[test]
fn profiles_seen_in_unusual_ways_have_a_row() {
    check(
        &without_events(),
        &[
            Scenario::new("only ever a target: the earliest timestamp that names it")
                .graph([entry("p", "t", 5), entry("q", "t", 3), entry("p", "u", 7)])
                .expect_graph(&["p u 7", "q t 3", "t t 3", "u u 7"])
                .expect(
                    "profile_merges",
                    &["segment_id", "canonical_segment_id", "seq", "received_at", "timestamp"],
                    &["p u 0007 7 7", "q t 0003 3 3", "t t - - 3", "u u - - 7"],
                ),
            Scenario::new("only ever a target, once without a timestamp")
                .graph([entry("p", "t", 5), entry("q", "t", 3).with("timestamp", Value::Null)])
                .expect_graph(&["p t 5", "q t -", "t t 5"]),
            Scenario::new("only ever a target, never with a timestamp")
                .graph([entry("p", "t", 5).with("timestamp", Value::Null)])
                .expect_graph(&["p t -", "t t -"]),
            Scenario::new("a canonical id of NULL means the profile itself")
                .graph([
                    entry("p", "a", 3),
                    entry("p", "", 4).with("canonical_segment_id", Value::Null),
                ])
                .expect_graph(&["p p 4", "a a 3"]),
            Scenario::new("a segment id of NULL makes the row void, target and all")
                .graph([entry("", "a", 3).with("segment_id", Value::Null)])
                .expect_graph(&[]),
            Scenario::new("backfilled rows come before all dated ones")
                .graph([
                    entry("p", "a", 9).with("timestamp", Value::Null),
                    entry("p", "b", 1),
                    entry("q", "a", 1).with("timestamp", Value::Null),
                    entry("q", "b", 2).with("timestamp", Value::Null),
                ])
                .expect_graph(&["p b 1", "q b -", "a a -", "b b 1"]),
            Scenario::new("a row of NULLs alone").graph([row!(), row!(id: "x")]).expect_graph(&[]),
            Scenario::new("a timestamp of the far future decides, as the later one")
                .graph([
                    entry("p", "a", 3),
                    entry("p", "b", 1).with("timestamp", "9999-12-31 23:59:59"),
                ])
                .graph([
                    entry("q", "a", 3),
                    entry("q", "b", 1).with("timestamp", "0001-01-01 00:00:00"),
                ])
                .expect_graph(&[
                    "p b 9999-12-31 23:59:59",
                    "q a 3",
                    "a a 3",
                    "b b 0001-01-01 00:00:00",
                ]),
            Scenario::new("parts of a second")
                .graph([
                    entry("p", "a", 3).with("timestamp", "2022-01-03 00:00:00.000001"),
                    entry("p", "b", 3).with("seq", "9"),
                ])
                .expect_graph(&[
                    "p a 2022-01-03 00:00:00.000001",
                    "a a 2022-01-03 00:00:00.000001",
                    "b b 3",
                ]),
        ],
    );
}

#[test]
fn ten_thousand_merges_into_one_profile() {
    let into = |n: u32| entry(&format!("f{n}"), "hub", 2).with("timestamp", minute(n));
    let mut rows: Vec<Row> = (0..10_000).map(into).collect();
    rows.push(entry("hub", "hub", 1));
    // And one level more, so that not all end in one step.
    rows.extend((0..100).map(|n| entry(&format!("g{n}"), &format!("f{n}"), 3)));
    check(&without_events(), &[Scenario::new("fan-in").graph(rows)]);
}
