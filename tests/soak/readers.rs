//! Who looks at the tables all the time, each look a statement of its own: no reader may see half of anything.

use crate::dice::Dice;
use crate::load::Load;
use crate::session::{HALF_WRITTEN, MERGED_WITH_TRAITS, doubled};
use crate::space::Space;

/// A reader: until the round ends. Where rendered files run, the tables need not fit together, since each file commits.
pub fn look(load: &Load, space: &Space<'_>, files_run: bool, mut dice: Dice) {
    let doubled = doubled();
    load.with_sessions(space, "a reader", |session| {
        let choice = dice.below(if files_run { 4 } else { 8 });
        let (sql, count) = match choice {
            0..2 => (doubled.as_str(), &load.figures.doubled),
            2..4 => (MERGED_WITH_TRAITS, &load.figures.half_written),
            other => (HALF_WRITTEN[other - 4], &load.figures.half_written),
        };
        let seen = session.number(sql)?;
        load.figures.looks.one();
        if seen > 0 {
            if count.get() == 0 {
                load.problem(&format!("a reader saw {seen} rows that no state has: {sql}"), "");
            }
            load.journal.note(format!("a reader saw {seen} rows of: {sql}"));
            count.add(seen.unsigned_abs());
        }
        load.sleep(dice.below(30));
        Ok(())
    });
}
