//! Who lands rows, as Segment does: in transactions that overlap, rows again and late, in place of others.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use crate::clock::Batch;
use crate::dice::Dice;
use crate::load::Load;
use crate::model::Row;
use crate::rows::{self, Whose};
use crate::session::{Session, Trouble, insert, update};
use crate::shape::GRAPH;
use crate::space::Space;

/// So many of its last rows may land again or change.
const RECENT: usize = 200;

/// A lander: until the round ends.
pub fn land(load: &Load, space: &Space<'_>, whose: Whose, mut dice: Dice) {
    let mut recent: VecDeque<(usize, Row)> = VecDeque::new();
    load.with_sessions(space, "a lander", |session| {
        let mut batch = space.clock.batch(&mut dice);
        let table = dice.below(3);
        let outcome = if whose == Whose::Newcomers {
            recent.clear();
            insert_some(load, space, session, (table, whose, &mut batch), &mut recent, &mut dice)
        } else if load.switches.restamps && !recent.is_empty() && dice.percent(20) {
            restamp(load, space, session, &mut batch, &mut recent, &mut dice)
        } else if load.switches.deletes && dice.percent(3) {
            delete(load, space, session, &mut dice)
        } else {
            insert_some(load, space, session, (table, whose, &mut batch), &mut recent, &mut dice)
        };
        drop(batch);
        load.sleep(dice.below(60));
        outcome
    });
}

fn insert_some(
    load: &Load,
    space: &Space<'_>,
    session: &mut dyn Session,
    (place, whose, batch): (usize, Whose, &mut Batch<'_>),
    recent: &mut VecDeque<(usize, Row)>,
    dice: &mut Dice,
) -> Result<(), Trouble> {
    let table = space.shape.landed()[place];
    let mut made = Vec::new();
    let most = if space.is_postgres() { 30 } else { 120 };
    for _ in 0..1 + dice.below(most) {
        let again = recent.iter().filter(|(of, _)| *of == place).nth(dice.below(20));
        let row = match again.filter(|_| dice.percent(15)) {
            // It lands again as it was, with another load time.
            Some((_, row)) => row.clone().with("uuid_ts", batch.stamp(dice)),
            None => {
                let number = space.made.fetch_add(1, Ordering::Relaxed);
                rows::new(&space.shape, table, number, whose, batch, dice)
            }
        };
        made.push(row);
    }
    session.run(&format!("BEGIN; {}", insert(&space.shape, table, &made)))?;
    // In SQLite nobody else writes meanwhile.
    if dice.percent(if space.is_postgres() { 30 } else { 3 }) {
        // Others see it later than what was stamped after it.
        load.sleep(dice.below(700));
    }
    let (certain, possible) = &space.landed[place];
    let count = made.len() as u64;
    if dice.percent(4) {
        session.run("ROLLBACK")?;
        return Ok(());
    }
    match session.run("COMMIT") {
        Ok(_) => certain.add(count),
        Err(error) => {
            possible.add(count);
            return Err(error);
        }
    }
    load.figures.landed.add(count);
    load.journal.note(format!("landed {count} rows in {table}"));
    for row in made {
        recent.push_back((place, row));
    }
    while recent.len() > RECENT {
        recent.pop_front();
    }
    Ok(())
}

/// A row takes another's place: the id stays, content and load time change.
fn restamp(
    load: &Load,
    space: &Space<'_>,
    session: &mut dyn Session,
    batch: &mut Batch<'_>,
    recent: &mut VecDeque<(usize, Row)>,
    dice: &mut Dice,
) -> Result<(), Trouble> {
    let index = dice.below(recent.len());
    let (place, row) = recent[index].clone();
    let table = space.shape.landed()[place];
    let row = rows::changed(&space.shape, table, &row, load.switches.restamps_widely, dice)
        .with("uuid_ts", batch.stamp(dice));
    let count = session.run(&update(&space.shape, table, &row))?;
    load.figures.restamped.add(count);
    load.journal.note(format!("re-stamped {} in {table}: {row}", row.get("id")));
    recent[index].1 = row;
    Ok(())
}

/// All rows of a profile go, from every table, as Segment deletes it.
fn delete(
    load: &Load,
    space: &Space<'_>,
    session: &mut dyn Session,
    dice: &mut Dice,
) -> Result<(), Trouble> {
    let profile = format!("p{}", dice.below(400));
    for table in space.shape.landed() {
        let graph = match table {
            GRAPH => format!(" OR canonical_segment_id = '{profile}'"),
            _ => String::new(),
        };
        let sql = format!("DELETE FROM acme.{table} WHERE segment_id = '{profile}'{graph}");
        let count = session.run(&sql)?;
        space.deleted.add(count);
        load.figures.deleted.add(count);
    }
    load.journal.note(format!("deleted {profile}"));
    Ok(())
}
