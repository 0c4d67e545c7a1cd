//! Who looks at the tables all the time, each look a statement of its own: no reader may see half of anything.

use crate::dice::Dice;
use crate::load::Load;
use crate::session::{HALF_WRITTEN, MERGED_WITH_TRAITS, doubled, question};
use crate::shape::BUILT;
use crate::space::Space;

/// A reader: until the round ends. Where rendered files run, the tables need not fit together, since each file commits.
pub fn look(load: &Load, space: &Space<'_>, files_run: bool, mut dice: Dice) {
    load.with_sessions(space, "a reader", |session| {
        let (what, sql, count) = match dice.below(if files_run { 5 } else { 8 }) {
            0..3 => {
                let built = dice.pick(&BUILT);
                let what = format!("doubled keys in {}", built.table);
                (what, doubled(&space.shape, built), &load.figures.doubled)
            }
            3 | 4 => {
                let what = "merged profiles with traits".to_owned();
                (what, question(&space.shape, MERGED_WITH_TRAITS), &load.figures.half_written)
            }
            _ => {
                let (what, sql) = dice.pick(&HALF_WRITTEN);
                ((*what).to_owned(), question(&space.shape, sql), &load.figures.half_written)
            }
        };
        let seen = session.number(&sql)?;
        load.figures.looks.one();
        if seen > 0 {
            load.problem(&format!("a reader sees {seen} {what}"), &sql);
            count.add(seen.unsigned_abs());
        }
        load.sleep(dice.below(30));
        Ok(())
    });
}
