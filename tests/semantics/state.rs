//! What profiles hold: external ids, traits, events.

use crate::model::{Row, Value, row};
use crate::scenario::{IDENTIFIES, Scenario, check, day, entry, event, mapping, updates};

const MAPPINGS: &str = "external_id_mapping_updates";

#[test]
fn external_ids_belong_to_whom_the_latest_row_says() {
    let hash = "6c1d1d4f3b6e4c1e"; // as landed, whatever it is
    check(
        IDENTIFIES,
        &[
            Scenario::new("an identifier that moved")
                .land(MAPPINGS, [mapping("p", "email", "j@x", 3), mapping("q", "email", "j@x", 5)])
                .land(MAPPINGS, [mapping("r", "email", "j@x", 4)])
                .expect_mapping(&["email j@x q"])
                .expect(
                    "user_identifiers",
                    &["type", "value", "canonical_segment_id", "seq", "timestamp"],
                    &["email j@x q 0005 5"],
                ),
            Scenario::new("an identifier of a merged profile")
                .graph([entry("q", "p", 9)])
                .land(MAPPINGS, [mapping("q", "email", "j@x", 3)])
                .expect_mapping(&["email j@x p"]),
            Scenario::new("the row's own timestamp, not the merge's")
                .graph([entry("q", "p", 9)])
                .land(MAPPINGS, [mapping("q", "email", "j@x", 3)])
                .expect("external_id_mapping", &["external_id_value", "timestamp"], &["j@x 3"]),
            Scenario::new("the hash is kept where landed, else computed")
                .land(MAPPINGS, [mapping("p", "email", "a", 1).with("external_id_hash", hash)])
                .land(MAPPINGS, [mapping("p", "email", "jane@example.com", 1)])
                .land(MAPPINGS, [mapping("p", "email", "né🎉", 1)])
                .land(MAPPINGS, [mapping("p", "", "", 1)])
                .expect(
                    "external_id_mapping",
                    &["external_id_value", "external_id_hash"],
                    // By sha1sum.
                    &[
                        "a 6c1d1d4f3b6e4c1e",
                        "jane@example.com 4e0dd44dae25208f5dddcae60c7e0cddb3fd1e0d",
                        "né🎉 25ea544493251ccb0f7630854797a71a07be6197",
                        " da39a3ee5e6b4b0d3255bfef95601890afd80709",
                    ],
                ),
            Scenario::new("values are compared as they are")
                .land(MAPPINGS, [mapping("p", "email", "J@x", 1), mapping("q", "email", "j@x", 2)])
                .land(MAPPINGS, [mapping("r", "email", " j@x", 3), mapping("s", "Email", "j@x", 4)])
                .land(MAPPINGS, [mapping("t", "email", "j@x ", 5), mapping("u", "email", "", 6)])
                .expect_mapping(&[
                    "email J@x p",
                    "email j@x q",
                    "email  j@x r",
                    "Email j@x s",
                    "email j@x  t",
                    "email  u",
                ]),
            Scenario::new("rows without type, value or segment are void")
                .land(MAPPINGS, [mapping("p", "email", "a", 1).with("segment_id", Value::Null)])
                .land(
                    MAPPINGS,
                    [mapping("p", "email", "a", 1).with("external_id_type", Value::Null)],
                )
                .land(
                    MAPPINGS,
                    [mapping("p", "email", "a", 1).with("external_id_value", Value::Null)],
                )
                .expect_mapping(&[]),
            Scenario::new("a void row does not hide an older one")
                .land(MAPPINGS, [mapping("p", "email", "a", 1)])
                .land(MAPPINGS, [mapping("q", "email", "a", 2).with("segment_id", Value::Null)])
                .expect_mapping(&["email a p"]),
            Scenario::new("ties: seq, then uuid_ts, then id, then the segment")
                .land(MAPPINGS, [mapping("p", "seq", "1", 1).with("seq", "9")])
                .land(MAPPINGS, [mapping("q", "seq", "1", 1).with("seq", "10")])
                .land(MAPPINGS, [mapping("p", "uuid_ts", "2", 1).with("uuid_ts", day(2))])
                .land(MAPPINGS, [mapping("q", "uuid_ts", "2", 1)])
                .land(MAPPINGS, [mapping("p", "id", "3", 1).with("id", "a")])
                .land(MAPPINGS, [mapping("q", "id", "3", 1).with("id", "B")])
                .land(MAPPINGS, [mapping("p", "segment", "4", 1).with("id", Value::Null)])
                .land(MAPPINGS, [mapping("q", "segment", "4", 1).with("id", Value::Null)])
                .expect_mapping(&["seq 1 p", "uuid_ts 2 p", "id 3 p", "segment 4 q"]),
            Scenario::new("backfilled mappings come before all dated ones")
                .land(MAPPINGS, [mapping("p", "email", "a", 9).with("timestamp", Value::Null)])
                .land(MAPPINGS, [mapping("q", "email", "a", 1)])
                .expect_mapping(&["email a q"]),
        ],
    );
}

#[test]
fn traits_are_the_latest_values_each_on_its_own() {
    let columns = &["canonical_segment_id", "email", "plan", "merged_to"];
    for (table, project) in
        [("identifies", IDENTIFIES.to_owned()), ("profile_traits_updates", updates())]
    {
        let traits = |segment: &str, on: u32, email: Option<&str>, plan: Option<&str>| {
            event(segment, on).with("email", email).with("plan", plan)
        };
        check(
            &project,
            &[
                Scenario::new("a row of the result combines landed rows")
                    .land(table, [traits("p", 1, Some("a@x"), Some("free"))])
                    .land(table, [traits("p", 2, None, Some("pro")), traits("p", 3, None, None)])
                    .expect("profile_traits", columns, &["p a@x pro -"])
                    .expect(
                        "user_traits",
                        &["canonical_segment_id", "name", "value", "timestamp"],
                        &["p email a@x 1", "p plan pro 2"],
                    ),
                Scenario::new("two merged profiles are one, and the merged-away keeps a row")
                    .graph([entry("p", "p", 1), entry("q", "p", 9)])
                    .land(table, [traits("p", 2, Some("old@x"), Some("pro"))])
                    .land(table, [traits("q", 3, Some("new@x"), None)])
                    .expect("profile_traits", columns, &["p new@x pro -", "q - - p"]),
                Scenario::new("a profile without traits")
                    .graph([entry("p", "p", 1)])
                    .expect("profile_traits", columns, &["p - - -"])
                    .expect("user_traits", &["name"], &[]),
                Scenario::new("traits of a profile that the graph does not know")
                    .graph([entry("p", "p", 1)])
                    .land(table, [traits("stray", 2, Some("s@x"), None)])
                    .land(table, [traits("empty", 2, None, None)])
                    .expect(
                        "profile_traits",
                        columns,
                        &["p - - -", "stray s@x - -", "empty - - -"],
                    ),
                Scenario::new("traits of a profile that is only a target")
                    .graph([entry("p", "t", 5)])
                    .land(
                        table,
                        [traits("p", 1, Some("p@x"), None), traits("t", 2, None, Some("t"))],
                    )
                    .expect("profile_traits", columns, &["t p@x t -", "p - - t"]),
                Scenario::new("traits without a segment are nobody's")
                    .land(table, [traits("", 1, Some("a"), None).with("segment_id", Value::Null)])
                    .expect("profile_traits", columns, &[]),
                Scenario::new("backfilled traits come before all dated ones")
                    .land(
                        table,
                        [traits("p", 9, Some("old"), Some("x")).with("timestamp", Value::Null)],
                    )
                    .land(table, [traits("p", 1, Some("new"), None)])
                    .expect("profile_traits", columns, &["p new x -"]),
                Scenario::new("ties: uuid_ts, id, and then the segment")
                    .graph([entry("q", "p", 1), entry("p", "p", 1), entry("r", "p", 1)])
                    .land(
                        table,
                        [traits("p", 1, Some("1"), None).with("uuid_ts", day(2)).with("id", "1")],
                    )
                    .land(table, [traits("q", 1, Some("2"), None).with("id", "2")])
                    .land(table, [traits("p", 1, None, Some("no")).with("id", Value::Null)])
                    .land(table, [traits("r", 1, None, Some("r")).with("id", Value::Null)])
                    .land(table, [traits("q", 1, None, Some("q")).with("id", Value::Null)])
                    .expect("profile_traits", columns, &["p 1 r -", "q - - p", "r - - p"]),
                Scenario::new("falsehood, zero and emptiness are values")
                    .land(
                        table,
                        [traits("p", 1, Some("a"), Some("b"))
                            .with("is_vip", true)
                            .with("visits", 7_i64)
                            .with("score", 2.5)],
                    )
                    .land(
                        table,
                        [traits("p", 2, Some(""), None)
                            .with("is_vip", false)
                            .with("visits", 0_i64)
                            .with("score", 0.0)],
                    )
                    .expect(
                        "profile_traits",
                        &["email", "plan", "is_vip", "visits", "score"],
                        &[" b false 0 0"],
                    ),
                Scenario::new("values at the edge of their types")
                    .land(
                        table,
                        [event("p", 1)
                            .with("visits", i64::MIN + 1)
                            .with("score", 1.7e308)
                            .with("seen", "9999-12-31 23:59:59")],
                    )
                    .land(
                        table,
                        [event("q", 1)
                            .with("visits", i64::MAX)
                            .with("score", 5e-324)
                            .with("seen", "0001-01-01 00:00:00")],
                    )
                    .land(table, [event("r", 1).with("score", 0.1 + 0.2).with("visits", -1_i64)]),
            ],
        );
    }
}

#[test]
fn trait_updates_that_tie_in_time_are_ordered_by_seq() {
    let update = |seq: &str, plan: &str| event("p", 1).with("seq", seq).with("plan", plan);
    check(
        &updates(),
        &[Scenario::new("seq by bytes")
            .land("profile_traits_updates", [update("9", "nine").with("id", "1")])
            .land("profile_traits_updates", [update("10", "ten").with("id", "2")])
            .land("profile_traits_updates", [update("a", "small").with("id", "3")])
            .land("profile_traits_updates", [update("B", "capital").with("id", "4")])
            .expect("profile_traits", &["plan"], &["small"])
            .expect("user_traits", &["value", "seq"], &["small a"])],
    );
}

#[test]
fn every_event_is_there_once_under_its_profile() {
    let order = |id: Option<&str>, segment: Option<&str>, total: f64| row!(id: id, segment_id: segment, timestamp: day(3), uuid_ts: day(3), total: total);
    let again = |on: u32| order(Some("2"), Some("q"), 2.0).with("uuid_ts", day(on));
    let columns = &["canonical_segment_id", "segment_id", "id", "total"];
    check(
        IDENTIFIES,
        &[
            Scenario::new("events resolve, unresolved ones stay")
                .graph([entry("q", "p", 5)])
                .land("order_completed", [order(Some("1"), Some("q"), 1.0)])
                .land("order_completed", [order(Some("2"), Some("stray"), 2.0)])
                .land("order_completed", [order(Some("3"), None, 3.0)])
                .expect(
                    "order_completed_resolved",
                    columns,
                    &["p q 1 1", "stray stray 2 2", "- - 3 3"],
                ),
            Scenario::new("an event that landed twice is one")
                .graph([entry("q", "p", 5)])
                .land("order_completed", [again(4), again(9), again(9), again(6)])
                .land("order_completed", [again(3).with("uuid_ts", Value::Null)])
                .expect(
                    "order_completed_resolved",
                    &["id", "canonical_segment_id", "uuid_ts"],
                    &["2 p 9"],
                ),
            Scenario::new("events without an id, a segment or a time")
                .land("order_completed", [order(None, Some("q"), 1.0), order(None, Some("q"), 1.0)])
                .land("order_completed", [order(None, None, 1.0), order(Some(""), None, 2.0)])
                .land("order_completed", [order(Some(""), None, 2.0)])
                .land("order_completed", [row!(), row!(id: "x")])
                .expect(
                    "order_completed_resolved",
                    columns,
                    &["q q - 1", "q q - 1", "- - - 1", "- -  2", "- - - -", "- - x -"],
                ),
            Scenario::new("every kind of event")
                .graph([entry("q", "p", 5)])
                .land("pages", [event("q", 1).with("name", "Home").with("context_url", "/")])
                .land("screens", [event("q", 1).with("name", "Start")])
                .land("groups", [event("q", 1).with("group_id", "g")])
                .land("aliases", [event("q", 1).with("previous_id", "old")])
                .land("tracks", [event("q", 1).with("event", "order_completed")])
                .land("identifies", [event("q", 1).with("email", "j@x")])
                .expect("aliases_resolved", &["canonical_segment_id", "previous_id"], &["p old"])
                .expect("identifies_resolved", &["canonical_segment_id", "email"], &["p j@x"]),
        ],
    );
}

#[test]
fn ids_are_whatever_text_they_are() {
    let long = "é".repeat(4_000);
    let other_long = format!("{}e", "é".repeat(3_999));
    let ids = [
        "p",
        "P",
        "",
        " ",
        "'",
        "''",
        "\"",
        "\\",
        "a'b\"c",
        "🎉",
        "é",
        "e\u{301}",
        "%",
        "_",
        "\n",
        "a\tb",
        "NULL",
        "null",
        "--",
        "/*",
        "$$",
        "{{ x }}",
        "p\u{200d}",
        long.as_str(),
        other_long.as_str(),
    ];
    let mut graph: Vec<Row> = ids.iter().map(|id| entry(id, id, 1)).collect();
    // Each merged into the one before, but for every fifth.
    for (index, pair) in ids.windows(2).enumerate().filter(|(index, _)| index % 5 != 0) {
        graph.push(entry(pair[1], pair[0], u32::try_from(index).unwrap() + 2));
    }
    let mappings = ids
        .iter()
        .flat_map(|id| [mapping(id, "email", id, 1), mapping(id, id, "same", 1).with("id", *id)]);
    let traits = ids.iter().map(|id| event(id, 1).with("email", *id).with("id", *id));
    let orders = ids.iter().map(|id| event(id, 1).with("id", *id).with("total", 1.5));
    let scenario = || Scenario::new("hostile ids").graph(graph.clone());
    check(
        IDENTIFIES,
        &[
            scenario()
                .land(MAPPINGS, mappings)
                .land("identifies", traits)
                .land("order_completed", orders),
            Scenario::new("case alone makes another profile")
                .graph([entry("abc", "abc", 1), entry("ABC", "abc", 2), entry("Abc", "Abc", 3)])
                .expect_graph(&["abc abc 1", "ABC abc 2", "Abc Abc 3"]),
            Scenario::new("the empty text is an id")
                .graph([entry("", "p", 2)])
                .expect_graph(&[" p 2", "p p 2"]),
        ],
    );
}

#[test]
fn traits_may_have_any_name() {
    let project = r#"
space: acme
dialects: [postgres, sqlite]
traits:
  columns:
    order: integer
    user: varchar
    select: varchar
    'x"; drop table y; --': varchar
    recency: varchar
    is_gone: varchar
    seq: varchar
    name: varchar
    type: varchar
    value: varchar
    age: integer
    Überraschung: varchar
models:
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  user_identifiers: { materialized: KEPT, name: identifiers }
  resolved_events: { materialized: KEPT }"#;
    let columns =
        &["order", "user", "select", "x_drop_table_y", "recency", "seq", "berraschung", "is_gone"];
    check(
        project,
        &[Scenario::new("hostile names")
            .graph([entry("q", "p", 5)])
            .land(
                "identifies",
                [
                    event("p", 1)
                        .with("order", 1_i64)
                        .with("user", "u")
                        .with("select", "s")
                        .with("x_drop_table_y", "x\"; DROP TABLE y; --")
                        .with("recency", "r")
                        .with("is_gone", "g")
                        .with("seq", "9")
                        .with("name", "n")
                        .with("type", "t")
                        .with("value", "v")
                        .with("age", 3_i64)
                        .with("berraschung", "ü"),
                    event("q", 1).with("order", 2_i64).with("seq", "8").with("id", "z"),
                ],
            )
            .expect(
                "profile_traits",
                columns,
                &["2 u s x\"; DROP TABLE y; -- r 8 ü g", "- - - - - - - -"],
            )],
    );
}
