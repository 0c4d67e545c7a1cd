//! After any sequence of landings and refreshes, every incremental table equals the reference model over all that
//! has landed so far, and a refresh after which nothing landed writes nothing.

use std::cell::RefCell;

use idgraph::engine::Cell;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::built::{Built, compare};
use crate::generate;
use crate::model::{Landed, Row, Tables, Value, tables};
use crate::random::{UPDATES, holds, other_null, project, renamed};

/// How much lands before each refresh: rows by table, a batch each.
pub type Batches = Vec<Landed>;

/// The load time of a batch's rows, in hours: with those of the batch before it a tie is possible, and nothing is
/// older than `late` hours behind the newest of the batches before.
pub fn load_time(batch: usize, jitter: u8, late: bool) -> Value {
    let day = 3 + batch;
    match jitter % 8 {
        // Not known: read again by each refresh.
        0 => Value::Null,
        // Just what the newest row of the batch before has.
        1 | 2 => Value::from(format!("2022-01-{:02} 12:00:00", day - 1)),
        // Twenty hours behind it.
        3 if late => Value::from(format!("2022-01-{:02} 16:00:00", day - 2)),
        _ => Value::from(format!("2022-01-{day:02} 12:00:00")),
    }
}

/// Landed rows, dealt into batches with load times of their own.
pub fn batches(
    landed: impl Strategy<Value = Landed>,
    late: bool,
) -> impl Strategy<Value = Batches> {
    (landed, 1_usize..=4, vec(any::<(u8, u8)>(), 120)).prop_map(move |(landed, count, dice)| {
        let mut dice = dice.into_iter().cycle();
        let mut batches = vec![Landed::default(); count];
        for (table, rows) in landed.0 {
            // Without an id, two rows that tie in load time cannot be told apart.
            for row in rows.into_iter().filter(|row| !row.get("id").is_null()) {
                let (pick, jitter) = dice.next().unwrap_or_default();
                let batch = usize::from(pick) % count;
                let row = row.with("uuid_ts", load_time(batch, jitter, late));
                batches[batch].add(&table, [row]);
            }
        }
        batches
    })
}

pub fn incremental(lookback: &str, extra: &str) -> String {
    let yaml = project(UPDATES, "incremental");
    format!("{yaml}\nincremental: {{ lookback: {lookback} }}\n{extra}")
}

/// Lands batch after batch, refreshes after each, and compares with the model each time.
fn refresh_after_each(built: &mut Built, batches: &Batches) -> Result<(), String> {
    built.clear();
    built.run("DELETE FROM acme.idgraph_watermarks");
    let mut landed = Landed::default();
    // From whatever the case before left behind to nothing: what was erased leaves no trace.
    built.apply();
    compare::same(built.name(), &tables(&landed, &built.settings()), &built.tables(), &landed)?;
    for (number, batch) in batches.iter().enumerate() {
        built.land(batch);
        for (table, rows) in &batch.0 {
            landed.add(table, rows.clone());
        }
        built.apply();
        let what = format!("{}, after batch {number}", built.name());
        let expected = tables(&landed, &built.settings());
        compare::same(&what, &expected, &built.tables(), &landed)
            .map_err(|why| format!("{why}the batch was:\n{batch}"))?;
    }
    built.apply();
    let expected = tables(&landed, &built.settings());
    compare::same(&format!("{}, once more", built.name()), &expected, &built.tables(), &landed)
}

fn equal_after_each(project: &str, batches: impl Strategy<Value = Batches>) {
    let engines = RefCell::new(Built::on_all(project));
    holds(20, batches, |batches| {
        engines.borrow_mut().iter_mut().try_for_each(|built| refresh_after_each(built, batches))
    });
}

#[test]
fn incremental_tables_equal_the_model_after_each_batch() {
    equal_after_each(&incremental("0m", ""), batches(generate::landed(UPDATES), false));
}

#[test]
fn rows_that_land_late_within_the_lookback_are_not_lost() {
    equal_after_each(&incremental("1d", ""), batches(generate::landed(UPDATES), true));
}

#[test]
fn null_means_what_the_project_says_incrementally() {
    equal_after_each(
        &other_null(&incremental("0m", "")),
        batches(generate::landed(UPDATES), false),
    );
}

#[test]
fn merges_and_snapshots_land_in_any_order() {
    equal_after_each(&incremental("0m", ""), batches(generate::merged_snapshots(), false));
}

#[test]
fn renamed_traits_keep_their_values_incrementally() {
    let landed = generate::renamed(generate::landed(UPDATES));
    equal_after_each(&renamed(&incremental("0m", "")), batches(landed, false));
}

/// A project that learns of a former name late, and renames the trait again: nothing is lost, and nothing waits for a rebuild.
#[test]
fn a_trait_that_is_renamed_comes_with_its_history() {
    let yaml = |plan: &str| incremental("0m", "").replace("plan: varchar", plan);
    let names = [
        "plan_oldest: varchar",
        // Without a word of the old name, and then with it.
        "plan_old: varchar",
        "plan_old: { type: varchar, renamed_from: plan_oldest }",
        "plan: { type: varchar, renamed_from: [plan_old, plan_oldest] }",
    ];
    let everything = renamed(&incremental("0m", ""));
    let landed = generate::renamed(generate::landed(UPDATES));
    holds(8, batches(landed, false), |batches| {
        Built::on_all(&everything).iter_mut().try_for_each(|built| {
            let mut landed = Landed::default();
            for table in ["profile_traits", "long_traits"] {
                built.run(&format!("DROP TABLE acme.{table}"));
            }
            for (number, plan) in names.into_iter().enumerate() {
                built.edit(&everything);
                for batch in batches.iter().skip(number).step_by(names.len()) {
                    built.land(batch);
                    for (table, rows) in &batch.0 {
                        landed.add(table, rows.clone());
                    }
                }
                built.edit(&yaml(plan));
                built.apply();
                let expected = tables(&landed, &built.settings());
                let (name, _) = plan.split_once(':').unwrap();
                // A column that the project has lost stays in profile_traits.
                let columns = ["canonical_segment_id", name, "merged_to"];
                let expected = Tables::from([
                    ("profile_traits".to_owned(), only(&expected["profile_traits"], &columns)),
                    ("user_traits".to_owned(), expected["user_traits"].clone()),
                ]);
                let got = Tables::from([
                    ("profile_traits".to_owned(), texts(built, &columns)),
                    ("user_traits".to_owned(), built.rows("user_traits")),
                ]);
                let what = format!("{}, {plan}", built.name());
                compare::same(&what, &expected, &got, &landed)?;
            }
            Ok(())
        })
    });
}

fn only(rows: &[Row], columns: &[&str]) -> Vec<Row> {
    let cell = |row: &Row, column: &&str| ((*column).to_owned(), row.get(column).clone());
    rows.iter().map(|row| Row(columns.iter().map(|column| cell(row, column)).collect())).collect()
}

/// Columns of `profile_traits` that hold texts.
fn texts(built: &mut Built, columns: &[&str]) -> Vec<Row> {
    let sql = format!("SELECT {} FROM acme.profile_traits", columns.join(", "));
    let rows = built.engine.query(&sql).expect("rows").rows;
    let cell = |cell: &Cell| cell.text().map_or(Value::Null, Value::from);
    let row = |cells: &Vec<Cell>| {
        let cells = columns.iter().zip(cells);
        Row(cells.map(|(column, one)| ((*column).to_owned(), cell(one))).collect())
    };
    rows.iter().map(row).collect()
}

#[test]
fn external_ids_can_be_taken_away_incrementally() {
    let project = incremental("0m", "external_ids: { removals: true }");
    equal_after_each(&project, batches(generate::with_removals(UPDATES), false));
}

#[test]
fn a_refresh_without_news_writes_nothing_on_postgres() {
    let engine = RefCell::new(Built::on_postgres(&incremental("1d", "")));
    holds(8, batches(generate::landed(UPDATES), true), |batches| {
        let mut engine = engine.borrow_mut();
        refresh_after_each(&mut engine, batches)?;
        let written = engine.apply();
        let written = written.written();
        if written.is_empty() { Ok(()) } else { Err(format!("{written:?}")) }
    });
}
