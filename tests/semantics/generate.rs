//! Random landed data, biased to collisions: few ids, few times, NULL wherever a column may be NULL, chains, cycles,
//! tails, rows that land again with another `uuid_ts`, in any order.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::implied;
use crate::model::{Landed, Row, Value};

const SEGMENTS: &[&str] = &["a", "A", "b", "", "é'\"", "p1", "p2", "p3", "stray"];

/// Days of which some are the same, some far off.
const TIMES: &[&str] = &[
    "2022-01-01 00:00:00",
    "2022-01-02 00:00:00",
    "2022-01-02 00:00:00.5",
    "9999-12-31 23:59:59",
    "0001-01-01 00:00:00",
];

/// Texts whose order by bytes is not the order of a dictionary.
const SEQS: &[&str] = &["", "10", "9", "a", "B", "é"];

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(choices).prop_map(Value::from)
}

/// Mostly a value, sometimes NULL.
fn or_null<S: Strategy<Value = Value>>(values: S) -> impl Strategy<Value = Value> {
    option::weighted(0.85, values).prop_map(|value| value.unwrap_or(Value::Null))
}

fn time() -> impl Strategy<Value = Value> {
    or_null(text(TIMES))
}

/// What every landed row has; `seq` only where the table does.
fn common(with_seq: bool) -> impl Strategy<Value = Row> {
    let times = (time(), time(), or_null(text(SEQS)));
    (or_null(text(&["i", "I", "1", "10", "9"])), times).prop_map(
        move |(id, (timestamp, uuid_ts, seq))| {
            let row = Row::default().with("id", id).with("timestamp", timestamp);
            let row = row.with("uuid_ts", uuid_ts);
            if with_seq { row.with("seq", seq) } else { row }
        },
    )
}

/// A landed table: rows, some of them landed again, in any order.
fn table(
    row: impl Strategy<Value = Row>,
    most: usize,
    order: &'static [&'static str],
) -> impl Strategy<Value = Vec<Row>> {
    let again = vec(time(), 0..=2);
    // Mostly each lands once.
    let again = prop_oneof![4 => Just(Vec::new()), 1 => again];
    vec((row, again), 0..=most).prop_flat_map(move |rows| landings(rows, order).prop_shuffle())
}

/// The rows as they land: ids are made distinct, copies differ only in `uuid_ts`.
fn landings(rows: Vec<(Row, Vec<Value>)>, order: &[&str]) -> Just<Vec<Row>> {
    let mut ids = BTreeSet::new();
    let mut ties = BTreeSet::new();
    let mut landed = Vec::new();
    for (number, (mut row, again)) in rows.into_iter().enumerate() {
        if let Some(id) = row.text("id").map(str::to_owned) {
            if !ids.insert(id.clone()) {
                row = row.with("id", format!("{id}{number}"));
            }
            row = row.with("received_at", TIMES[number % 2]);
            let copies = again.into_iter().map(|uuid_ts| row.clone().with("uuid_ts", uuid_ts));
            landed.extend(copies);
        } else {
            // Rows without an id that tie in everything that orders them, and yet differ: the definition does not
            // say which is the later.
            let key: Vec<Value> = order.iter().map(|column| row.get(column).clone()).collect();
            if !ties.insert(key) {
                continue;
            }
        }
        landed.push(row);
    }
    Just(landed)
}

/// Entries at random: few profiles, so that chains and cycles come by themselves.
fn scattered() -> impl Strategy<Value = Row> {
    let ids = || or_null(text(SEGMENTS));
    (common(true), ids(), ids()).prop_map(|(row, segment, canonical)| {
        row.with("segment_id", segment).with("canonical_segment_id", canonical)
    })
}

/// A chain of merges in any order of time, its end free, closed to a cycle, or led back into its middle.
fn shaped() -> impl Strategy<Value = Vec<Row>> {
    (2_usize..=24)
        .prop_flat_map(|length| {
            let minutes: Vec<usize> = (0..length).collect();
            (Just(length), Just(minutes).prop_shuffle(), 0..=length, vec(any::<bool>(), length))
        })
        .prop_map(|(length, minutes, back_to, ties)| {
            let merge = |n: usize| {
                // Its own last: no entry at all.
                let to = if n + 1 < length { n + 1 } else { back_to };
                let minute = if ties[n] { 0 } else { minutes[n] };
                Row::default()
                    .with("id", format!("m{n}"))
                    .with("segment_id", format!("p{n}"))
                    .with("canonical_segment_id", format!("p{to}"))
                    .with("timestamp", format!("2022-01-02 00:{minute:02}:00"))
            };
            (0..length).map(merge).collect()
        })
}

fn graph() -> impl Strategy<Value = Vec<Row>> {
    use crate::model::later::GRAPH;
    let scattered = || table(scattered(), 14, GRAPH);
    let both = (scattered(), shaped()).prop_flat_map(|(mut rows, shape)| {
        let known: BTreeSet<Value> = rows.iter().map(|row| row.get("id").clone()).collect();
        rows.extend(shape.into_iter().filter(|row| !known.contains(row.get("id"))));
        Just(rows).prop_shuffle()
    });
    prop_oneof![3 => scattered(), 2 => both]
}

/// `with_operation` for a space whose landed table says what is taken away.
fn mappings(with_operation: bool) -> impl Strategy<Value = Vec<Row>> {
    let kinds = or_null(text(&["email", "Email", "", "e"]));
    let values = or_null(text(&["j@x", "J@x", "", "mailj@x", "🎉"]));
    let hashes = option::weighted(0.3, text(&["landed"]));
    let hashes = hashes.prop_map(|hash| hash.unwrap_or(Value::Null));
    let operations = prop_oneof![
        3 => Just(Value::Null),
        2 => Just(Value::from("ADDED")),
        2 => Just(Value::from("REMOVED")),
    ];
    let row = (common(true), or_null(text(SEGMENTS)), kinds, values, hashes, operations).prop_map(
        move |(row, segment, kind, value, hash, operation)| {
            // Without an id, nothing but its order may tell a row from another.
            let hash = if row.get("id").is_null() { Value::Null } else { hash };
            let row = row
                .with("segment_id", segment)
                .with("external_id_type", kind)
                .with("external_id_value", value)
                .with("external_id_hash", hash);
            // Nor may its operation: it decides as the values above do.
            let operation = if row.get("id").is_null() { Value::Null } else { operation };
            if with_operation { row.with("__operation", operation) } else { row }
        },
    );
    table(
        row,
        12,
        &["timestamp", "seq", "uuid_ts", "segment_id", "external_id_type", "external_id_value"],
    )
}

fn traits(with_seq: bool) -> impl Strategy<Value = Vec<Row>> {
    let none = |values: BoxedStrategy<Value>| {
        option::of(values).prop_map(|value| value.unwrap_or(Value::Null))
    };
    let plan = none(text(&["free", "pro", "", "Pro"]).boxed());
    let visits = none(select(&[0_i64, 1, -7, i64::MAX][..]).prop_map(Value::from).boxed());
    let score = none(select(&[0.0, 2.5, -0.1, 1e300][..]).prop_map(Value::from).boxed());
    let vip = none(any::<bool>().prop_map(Value::from).boxed());
    let seen = none(text(TIMES).boxed());
    let order = none(text(&["x", "y"]).boxed());
    let row = (common(with_seq), or_null(text(SEGMENTS)), (plan, visits, score, vip, seen, order))
        .prop_map(|(row, segment, (plan, visits, score, vip, seen, order))| {
            row.with("segment_id", segment)
                .with("plan", plan)
                .with("visits", visits)
                .with("score", score)
                .with("is_vip", vip)
                .with("seen", seen)
                .with("order", order)
        });
    table(
        row,
        12,
        if with_seq { crate::model::later::UPDATES } else { crate::model::later::EVENTS },
    )
}

fn events() -> impl Strategy<Value = Vec<Row>> {
    let row = (common(false), or_null(text(SEGMENTS)), option::of(select(&[0.0, 9.5][..])));
    let row =
        row.prop_map(|(row, segment, total)| row.with("segment_id", segment).with("total", total));
    table(row, 8, crate::model::later::EVENTS)
}

/// Everything that lands in a space whose traits come from `traits_from`.
pub fn landed(traits_from: &'static str) -> impl Strategy<Value = Landed> {
    everything(traits_from, false)
}

/// As [`landed`], in a space where external ids are also taken away from profiles.
pub fn with_removals(traits_from: &'static str) -> impl Strategy<Value = Landed> {
    everything(traits_from, true)
}

fn everything(traits_from: &'static str, with_operation: bool) -> impl Strategy<Value = Landed> {
    let with_seq = traits_from == "profile_traits_updates";
    (graph(), mappings(with_operation), traits(with_seq), events()).prop_map(
        move |(graph, mappings, traits, events)| {
            Landed::default()
                .and("id_graph_updates", graph)
                .and("external_id_mapping_updates", mappings)
                .and(traits_from, traits)
                .and("order_completed", events)
        },
    )
}

/// As [`landed`], with recursive entries beside the merges that imply them: what Segment lands for each profile below
/// when the one above is merged.
pub fn with_recursive_entries() -> impl Strategy<Value = Landed> {
    let picks = vec((any::<prop::sample::Index>(), 2_usize..6), 1..4);
    (landed("profile_traits_updates"), shaped(), picks).prop_map(|(mut landed, shape, picks)| {
        let entries = landed.0.entry("id_graph_updates".to_owned()).or_default();
        entries.retain(|row| !row.text("id").is_some_and(|id| id.starts_with('m')));
        entries.extend(shape);
        for (number, (pick, hops)) in picks.into_iter().enumerate() {
            entries.extend(implied::recursive_entry(entries, pick.get(entries), hops, number));
        }
        landed
    })
}

/// Merges and snapshots of one profile, close to one another in time: before, at the same time, after, and without any.
pub fn merged_snapshots() -> impl Strategy<Value = Landed> {
    let hours = || option::weighted(0.8, 0_u32..5);
    let time = |hour: Option<u32>| {
        hour.map_or(Value::Null, |hour| Value::from(format!("2022-01-01 0{hour}:00:00")))
    };
    let ids = &["a", "b", "c", "d"][..];
    let merge = (select(ids), select(ids), hours());
    let plan = option::weighted(0.6, select(&["free", "pro"][..]));
    let visits = option::weighted(0.6, select(&[1_i64, 2][..]));
    let snapshot = (select(ids), hours(), plan, visits);
    (vec(merge, 0..5), vec(snapshot, 1..9)).prop_map(move |(merges, snapshots)| {
        let merge = |(number, (from, to, hour)): (usize, (&str, &str, Option<u32>))| {
            Row::default()
                .with("id", format!("m{number}"))
                .with("segment_id", from)
                .with("canonical_segment_id", to)
                .with("timestamp", time(hour))
        };
        let snapshot = |(number, (of, hour, plan, visits))| {
            let row = Row::default().with("id", format!("t{number}")).with("segment_id", of);
            let row = row.with("timestamp", time(hour));
            let row = row.with("plan", Option::<&str>::map_or(plan, Value::Null, Value::from));
            row.with("visits", Option::<i64>::map_or(visits, Value::Null, Value::from))
        };
        Landed::default()
            .and("id_graph_updates", merges.into_iter().enumerate().map(merge))
            .and("profile_traits_updates", snapshots.into_iter().enumerate().map(snapshot))
    })
}

/// The same with values of some rows under the names that the traits had before.
pub fn renamed(landed: impl Strategy<Value = Landed>) -> impl Strategy<Value = Landed> {
    (landed, vec(0_usize..12, 64)).prop_map(|(mut landed, picks)| {
        let mut picks = picks.into_iter().cycle();
        for table in ["identifies", "profile_traits_updates"] {
            for row in landed.0.get_mut(table).into_iter().flatten() {
                for (name, before) in
                    [("plan", &["plan_old", "plan_oldest"][..]), ("visits", &["visited"])]
                {
                    let pick = picks.next().unwrap_or(0);
                    let value = row.get(name).clone();
                    // Copied, so that both are there, or moved.
                    if let Some(other) = before.get(pick % 4) {
                        row.0.insert((*other).to_owned(), value);
                        if pick > 3 {
                            row.0.insert(name.to_owned(), Value::Null);
                        }
                    }
                    // Another value of before stands behind that of now.
                    if pick == 11 {
                        let other = row.get(name).clone();
                        let stale =
                            if name == "plan" { Value::from("stale") } else { Value::from(9_i64) };
                        row.0.insert(
                            before[0].to_owned(),
                            if other.is_null() { other } else { stale },
                        );
                    }
                }
            }
        }
        landed
    })
}
