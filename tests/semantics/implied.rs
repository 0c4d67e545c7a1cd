//! When the other entries imply one, so that it may be missing.
//!
//! Segment lands p2 → p0 beside p2 → p1 and p1 → p0, at the moment of the latter. In general an entry s → c, the
//! latest of s, is implied by the others when, without it,
//!
//! - following edges from s comes to c, in two steps or more;
//! - the step into c has the entry's own timestamp, and none before it has a later one;
//! - and c does not lead back to any profile on that way: in a cycle, who is passed is what decides.

use crate::model::later::{self, GRAPH};
use crate::model::{Row, Value};

/// The latest entry of a profile, but for one row.
fn latest<'a>(entries: &'a [Row], segment: &str, but: Option<usize>) -> Option<&'a Row> {
    let own = entries.iter().enumerate();
    let own =
        own.filter(|(place, row)| row.text("segment_id") == Some(segment) && Some(*place) != but);
    later::latest(GRAPH, own.map(|(_, row)| row))
}

/// The entries followed from a profile, until the end or until a profile comes again.
fn way<'a>(entries: &'a [Row], start: &'a str, but: Option<usize>) -> Vec<&'a Row> {
    let mut passed = vec![start];
    let mut way = Vec::new();
    while let Some(entry) = latest(entries, passed[passed.len() - 1], but) {
        let here = passed[passed.len() - 1];
        let next = entry.text("canonical_segment_id").unwrap_or(here);
        if next == here {
            break;
        }
        way.push(entry);
        if passed.contains(&next) {
            break;
        }
        passed.push(next);
    }
    way
}

/// Whether the others imply the entry at a place.
fn is_implied(entries: &[Row], place: usize) -> bool {
    let entry = &entries[place];
    let (Some(start), Some(canonical)) =
        (entry.text("segment_id"), entry.text("canonical_segment_id"))
    else {
        return false;
    };
    if start == canonical || latest(entries, start, None) != Some(entry) {
        return false;
    }
    let others = way(entries, start, Some(place));
    let into = others.iter().position(|row| row.text("canonical_segment_id") == Some(canonical));
    let Some(into) = into.filter(|into| *into > 0) else { return false };
    let (there, onward) = others.split_at(into + 1);
    let on_the_way = |row: &&Row| {
        there.iter().any(|passed| passed.get("segment_id") == row.get("canonical_segment_id"))
    };
    let latest_time: Option<&Value> = there.iter().map(|row| row.get("timestamp")).max();
    there[into].get("timestamp") == entry.get("timestamp")
        && latest_time == Some(entry.get("timestamp"))
        && !onward.iter().any(on_the_way)
}

/// The places of all entries that the others imply; taking out one of them may leave another not implied.
pub fn entries(entries: &[Row]) -> Vec<usize> {
    (0..entries.len()).filter(|place| is_implied(entries, *place)).collect()
}

/// What Segment lands beside a row's profile when the merge some steps above it happens.
pub fn recursive_entry(entries: &[Row], row: &Row, steps: usize, number: usize) -> Option<Row> {
    let start = row.text("segment_id")?;
    let way = way(entries, start, None);
    let cause = way.get(..steps)?.last()?;
    let recursive = Row::default()
        .with("id", format!("recursive {number}"))
        .with("segment_id", start)
        .with("canonical_segment_id", cause.get("canonical_segment_id").clone())
        .with("timestamp", cause.get("timestamp").clone())
        // Landed by the same sync, behind what caused it.
        .with("seq", "~")
        .with("uuid_ts", cause.get("uuid_ts").clone());
    Some(recursive)
}

#[test]
fn the_document_s_recursive_entry_is_implied() {
    let entry = |segment: &str, canonical: &str, day: u32| {
        Row::default()
            .with("segment_id", segment)
            .with("canonical_segment_id", canonical)
            .with("timestamp", format!("2022-01-{day:02} 00:00:00"))
    };
    let (first, second) = (entry("p2", "p1", 1), entry("p1", "p0", 2));
    let recursive = entry("p2", "p0", 2);
    assert_eq!(entries(&[first.clone(), second.clone(), recursive.clone()]), [2]);
    assert_eq!(entries(&[first, recursive.clone()]), Vec::<usize>::new());
    assert_eq!(entries(&[second, recursive]), Vec::<usize>::new());
}
