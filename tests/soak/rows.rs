//! The rows that Segment lands: merges in any order and in cycles, ids that move, traits, backfill, rows that are void.

use crate::clock::{Batch, text};
use crate::dice::Dice;
use crate::model::{Row, Value};
use crate::shape::{GRAPH, MAPPING, Shape};

/// Profiles come and go in families, so that a merge concerns some of them and not all.
const FAMILY: usize = 8;

/// The first number of a newcomer.
const NEWCOMERS: usize = 1_000_000;

/// Whose rows land.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// All profiles': merges reach far, and most rows change what is there.
    Everyones,
    /// Only those of profiles that nobody has seen: who inserts what another has just inserted shows at once.
    Newcomers,
}

/// A new row of a landed table; `number` tells it from all others of the space.
pub fn new(
    shape: &Shape,
    table: &str,
    number: u64,
    whose: Whose,
    batch: &mut Batch<'_>,
    dice: &mut Dice,
) -> Row {
    let profile = match whose {
        Whose::Everyones => profile(dice.below(40 + number as usize / 12)),
        Whose::Newcomers => profile(NEWCOMERS + number as usize * FAMILY),
    };
    let segment = or_null(profile, 2, dice);
    let row = Row::default()
        .with("id", format!("{table}-{number}"))
        .with("segment_id", segment)
        .with("timestamp", or_null(happened(dice), 6, dice))
        .with("received_at", happened(dice));
    // Not known: each refresh reads such a row again.
    let stamp = batch.stamp(dice);
    let row = row.with("uuid_ts", or_null(stamp, 1, dice));
    let row = if table == "identifies" { row } else { row.with("seq", seq(dice)) };
    carried(shape, table, row, dice)
}

/// The same row with another content, as when Segment lands it in place of what it had landed. `widely`: whatever it says
/// changes; else what a refresh finds again (docs/semantics.md): traits, and whose an external id is.
pub fn changed(shape: &Shape, table: &str, row: &Row, widely: bool, dice: &mut Dice) -> Row {
    let number = row.text("segment_id").and_then(family).unwrap_or_default();
    let mut row = row.clone();
    if dice.below(4) == 0 && (widely || table == MAPPING) {
        row = row.with("segment_id", profile(number * FAMILY + dice.below(FAMILY)));
    }
    match table {
        GRAPH | MAPPING if !widely => row,
        _ => carried(shape, table, row, dice),
    }
}

/// Gives a row what only its table's rows have.
fn carried(shape: &Shape, table: &str, row: Row, dice: &mut Dice) -> Row {
    match table {
        GRAPH => {
            let canonical = canonical(&row, dice);
            row.with("canonical_segment_id", or_null(canonical, 3, dice))
        }
        MAPPING => {
            let kind = (*dice.pick(&["email", "Email", "user_id", "anonymous_id"])).to_owned();
            let value = format!("v{}", dice.below(300));
            let row = row
                .with("external_id_type", or_null(kind, 1, dice))
                .with("external_id_value", or_null(value, 1, dice))
                .with("external_id_hash", or_null("landed".to_owned(), 80, dice));
            if shape.removals {
                let operation = *dice.pick(&["ADDED", "ADDED", "REMOVED"]);
                row.with("__operation", or_null(operation.to_owned(), 40, dice))
            } else {
                row
            }
        }
        _ => {
            let email = or_null(format!("e{}@example.com", dice.below(1000)), 40, dice);
            let visits =
                if dice.percent(40) { Value::Null } else { (dice.below(50) as i64).into() };
            let vip = if dice.percent(60) { Value::Null } else { dice.percent(50).into() };
            let score =
                if dice.percent(60) { Value::Null } else { (dice.below(40) as f64 / 4.0).into() };
            row.with("email", email).with("visits", visits).with("is_vip", vip).with("score", score)
        }
    }
}

/// Itself, one of its family, or now and then anyone.
fn canonical(row: &Row, dice: &mut Dice) -> String {
    let own = row.text("segment_id").unwrap_or("p0").to_owned();
    let number = family(&own).unwrap_or_default();
    match dice.below(20) {
        0..8 => own,
        19 if dice.percent(30) => profile(dice.below(FAMILY * (number + 1))),
        _ => profile(number * FAMILY + dice.below(FAMILY)),
    }
}

/// The id of a profile; some are such that they must be quoted, and order by bytes.
fn profile(number: usize) -> String {
    match number % FAMILY {
        5 => format!("P{number}"),
        6 => format!("p{number} é'\""),
        _ => format!("p{number}"),
    }
}

fn family(id: &str) -> Option<usize> {
    let digits: String = id.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok().map(|number| number / FAMILY)
}

/// When something happened; often at the same time as something else, and in no order.
fn happened(dice: &mut Dice) -> String {
    text(dice.below(60) as i64 * 3_600_000_000 + dice.below(3) as i64 * 500_000)
}

/// Texts whose order by bytes is no other's.
fn seq(dice: &mut Dice) -> Value {
    or_null((*dice.pick(&["9", "10", "a", "B", "é", ""])).to_owned(), 20, dice)
}

fn or_null(text: String, percent: usize, dice: &mut Dice) -> Value {
    if dice.percent(percent) { Value::Null } else { text.into() }
}
