//! Load times. A space lives through hours in seconds, so that refreshes leave most of it behind the lookback.
//!
//! The one exception that the definition of the tables makes is for rows that land later than the lookback. So none
//! does here: the clock waits for transactions that are open, and stands still when one of them is half a lookback old.
//! Without a lookback, one transaction follows the other.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::dice::Dice;

const MINUTE: i64 = 60_000_000;

/// How much later than its load time a row may become visible with a lookback of one hour: half of it for its transaction…
const OPEN: i64 = 25 * MINUTE;

/// … and half for a row that lands late.
const LATE: i64 = 25 * MINUTE;

/// Microseconds since 2024-01-01.
pub type Moment = i64;

/// The clock of a space.
#[derive(Default)]
pub struct Clock {
    /// Whether rows become visible in the order of their load times.
    in_order: bool,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    now: Moment,
    count: u64,
    open: BTreeMap<u64, Moment>,
}

/// A transaction that lands rows. While it lives, the clock does not go far beyond it.
pub struct Batch<'a> {
    clock: &'a Clock,
    number: u64,
    now: Moment,
    stamps: i64,
}

impl Clock {
    /// For a project with this lookback.
    pub fn new(lookback: &str) -> Self {
        Self { in_order: lookback == "0m", ..Self::default() }
    }

    /// Opens a transaction a while after the one before.
    pub fn batch(&self, dice: &mut Dice) -> Batch<'_> {
        let step = 1_000_000 + dice.below(90) as i64 * 1_000_000;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if self.in_order { 0 } else { OPEN };
        while state.open.values().min().is_some_and(|oldest| state.now + step - oldest > most) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.now += step;
        state.count += 1;
        let (number, now) = (state.count, state.now);
        state.open.insert(number, now);
        Batch { clock: self, number, now, stamps: 0 }
    }
}

impl Batch<'_> {
    /// A load time that no other row has, now and then that of a row that lands late.
    pub fn stamp(&mut self, dice: &mut Dice) -> String {
        self.stamps += 1;
        let late = if !self.clock.in_order && dice.percent(15) {
            dice.below(LATE as usize) as i64
        } else {
            0
        };
        // The last digits tell rows apart: a batch has fewer than a thousand, and there are fewer than a thousand at once.
        let base = (self.now - late).max(0) / 1_000_000 * 1_000_000;
        text(base + (self.number as i64 % 1000) * 1000 + self.stamps % 1000)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut state = self.clock.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open.remove(&self.number);
        self.clock.moved.notify_all();
    }
}

/// As both engines and the model have it: the order of the texts is that of time.
pub fn text(moment: Moment) -> String {
    let (seconds, micros) = (moment / 1_000_000, moment % 1_000_000);
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let (month, day) = month(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("2024-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
}

/// The month and its day of a day of 2024.
fn month(mut day: i64) -> (usize, i64) {
    for (index, length) in [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate()
    {
        if day < length {
            return (index + 1, day + 1);
        }
        day -= length;
    }
    panic!("a space lives for less than a year");
}
