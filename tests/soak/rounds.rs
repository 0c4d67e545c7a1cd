//! Rounds: everyone at once for a while; then all stop, one refresh runs, and every table is what the model says.

use std::fmt::Write;
use std::thread;

use crate::built::compare::{difference, missing};
use crate::dice::Dice;
use crate::journal::say;
use crate::landers::land;
use crate::load::Load;
use crate::model::{Landed, Tables, tables};
use crate::readers::look;
use crate::refreshers::{refresh, run_rendered};
use crate::rows::Whose;
use crate::session::{Outcome, insert};
use crate::shape::BUILT;
use crate::space::{Place, Space};
use crate::support::command::finish;
use crate::{disturb, shape};

/// A space lives for so many rounds, or until so many rows have landed: the model is slow on purpose.
const ROUNDS: usize = 4;
const ROWS: u64 = 20_000;

/// Space after space until the time is over. Fails if there was any problem.
pub fn run(load: &Load, place: &Place<'_>, engine: &str) {
    say(&format!("{engine}: {:?}", load.switches));
    let mut dice = load.dice();
    while load.elapsed() < load.switches.length {
        load.journal.forget();
        let shape = shape::Shape::random(load.switches.kept, &mut dice);
        load.journal.note(format!("a new space: {shape:?}"));
        say(&format!("{engine}: {:5} s, a new space: {shape:?}", load.elapsed().as_secs()));
        let space = match Space::new(shape, place) {
            Ok(space) => space,
            Err(why) => {
                load.problem(&why, "");
                break;
            }
        };
        load.figures.spaces.one();
        live(load, &space, place, &mut dice);
    }
    let problems = load.journal.problems();
    say(&format!(
        "{engine}: {} s, seed {}\n{}",
        load.elapsed().as_secs(),
        load.switches.seed,
        load.figures
    ));
    assert!(problems.is_empty(), "problems:\n{}", problems.join("\n"));
}

/// The rounds of a space. One with a problem is left: what is lost would be missing in each further round.
fn live(load: &Load, space: &Space<'_>, place: &Place<'_>, dice: &mut Dice) {
    for number in 0..ROUNDS {
        let is_full = space.landed.iter().map(|(rows, _)| rows.get()).sum::<u64>() > ROWS;
        if load.elapsed() >= load.switches.length || is_full {
            return;
        }
        let files_run = load.switches.rendered && number % 2 == 1;
        let newcomers = dice.percent(if files_run { 50 } else { 20 });
        let whose = if newcomers { Whose::Newcomers } else { Whose::Everyones };
        load.journal.note(format!("round {number}, {whose:?}; rendered files run: {files_run}"));
        round(load, space, place, (files_run, whose), dice);
        load.figures.rounds.one();
        let is_well = settle(load, space).unwrap_or_else(|error| {
            load.problem(&format!("after the round: {error:?}"), "");
            false
        });
        say(&format!(
            "{}: {:5} s, round {}, {} rows landed, {} runs, {} killed, {} restarts, {} deadlocks, {} ADD COLUMN, {} re-stamped, \
             {} looks, {} doubled, {} half-written, {} lost, {} problems",
            space.engine(),
            load.elapsed().as_secs(),
            load.figures.rounds.get(),
            load.figures.landed.get(),
            load.figures.runs.get(),
            load.figures.kills.get(),
            load.figures.restarts.get(),
            load.figures.deadlocks.get(),
            load.figures.add_columns.get(),
            load.figures.restamped.get(),
            load.figures.looks.get(),
            load.figures.doubled.get(),
            load.figures.half_written.get(),
            load.figures.lost.get(),
            load.figures.problems.get(),
        ));
        if !is_well {
            return;
        }
    }
}

fn round(
    load: &Load,
    space: &Space<'_>,
    place: &Place<'_>,
    (files_run, whose): (bool, Whose),
    dice: &mut Dice,
) {
    load.stop(false);
    thread::scope(|scope| {
        for _ in 0..load.switches.landers {
            let dice = dice.fork();
            scope.spawn(move || land(load, space, whose, dice));
        }
        for _ in 0..load.switches.refreshers {
            let dice = dice.fork();
            scope.spawn(|| refresh(load, space, dice));
        }
        for _ in 0..load.switches.readers {
            let dice = dice.fork();
            scope.spawn(move || look(load, space, files_run, dice));
        }
        for _ in 0..if files_run { load.switches.runners } else { 0 } {
            let dice = dice.fork();
            scope.spawn(|| run_rendered(load, space, dice));
        }
        if load.switches.add_columns {
            let dice = dice.fork();
            scope.spawn(|| disturb::add_columns(load, space, dice));
        }
        if let Place::Postgres { server, .. } = place
            && load.switches.restarts
        {
            let dice = dice.fork();
            scope.spawn(|| disturb::restart(load, server, dice));
        }
        load.sleep(load.switches.round.as_millis() as usize);
        load.stop(true);
    });
}

/// One refresh; then the tables are those of the rows that are there, and `verify` says so, too. Says whether they are.
fn settle(load: &Load, space: &Space<'_>) -> Outcome<bool> {
    let run = finish(space.idgraph(&["refresh", "--target", "it", "--lock-timeout", "120"], false));
    let said = format!("{}{}", run.stdout, run.stderr);
    load.journal.note(format!("the last refresh: {}", said.trim_end()));
    if run.code != Some(0) {
        load.problem(&format!("the refresh after a round ends with {:?}: {said}", run.code), "");
        return Ok(false);
    }
    let mut session = space.session()?;
    let landed = space.all_landed(session.as_mut())?;
    count_landed(load, space, &landed);
    let mut got = Tables::new();
    for built in &BUILT {
        let table = format!("{}.{}", space.shape.models_schema, built.table);
        got.insert(built.model.to_owned(), session.rows(&table, built.columns)?);
    }
    drop(session);
    let mut message = String::new();
    for (table, expected) in &tables(&landed, &space.shape.settings()) {
        let Some(got) = got.get(table) else { continue };
        load.figures.compared.add(expected.len() as u64);
        if let Some(rows) = difference(table, expected, got) {
            let (lost, more) = missing(table, expected, got);
            load.figures.lost.add(lost);
            load.figures.too_many.add(more);
            let _ = write!(
                message,
                "{table} is not what the model says: {lost} rows lost, {more} too many\n{rows}"
            );
        }
    }
    let verify = finish(space.idgraph(&["verify", "--target", "it", "--keys"], false));
    let state = || {
        let mut state = format!("{}\n{}", space.shape.project(), verify.stdout);
        for (table, rows) in &landed.0 {
            for rows in rows.chunks(200) {
                let _ = writeln!(state, "{};", insert(&space.shape, table, rows));
            }
        }
        state
    };
    if !message.is_empty() {
        load.problem(&message, &state());
    }
    if verify.code != Some(0) && message.is_empty() {
        let said = format!("{}{}", verify.stdout, verify.stderr);
        load.problem(&format!("verify ends with {:?}: {said}", verify.code), &state());
    }
    if verify.code == Some(0) && !message.is_empty() {
        load.problem("verify did not find what the model did", "");
    }
    Ok(message.is_empty() && verify.code == Some(0))
}

/// What landed is there still: nobody but Segment takes rows out of its tables.
fn count_landed(load: &Load, space: &Space<'_>, landed: &Landed) {
    if load.switches.deletes {
        return;
    }
    for (table, (certain, possible)) in space.shape.landed().into_iter().zip(&space.landed) {
        let there = landed.rows(table).len() as u64;
        let most = certain.get() + possible.get();
        if there < certain.get() || there > most {
            let what =
                format!("{table} has {there} rows; between {} and {most} landed", certain.get());
            load.problem(&what, "");
        }
    }
}
