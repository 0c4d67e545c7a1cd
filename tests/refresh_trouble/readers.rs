//! Who reads while a refresh runs sees the old tables until COMMIT, and the new ones after it.

use std::cell::RefCell;
use std::rc::Rc;

use postgres::Client;

use crate::built::Built;
use crate::landings::{Landings, PROJECT};

const TABLES: [&str; 7] = [
    "id_graph",
    "external_id_mapping",
    "profile_traits",
    "long_traits",
    "identifiers",
    "merges",
    "idgraph_watermarks",
];

/// All rows of all tables, as one text each.
type State = Vec<String>;

/// What one saw at each statement of a refresh, and after it.
fn look_on(landings: &mut Landings, look: impl FnMut() -> State + 'static) -> Vec<State> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let look = Rc::new(RefCell::new(look));
    let (sees, looks) = (Rc::clone(&seen), Rc::clone(&look));
    landings.built.watch(move |_| {
        let state = (looks.borrow_mut())();
        sees.borrow_mut().push(state);
    });
    landings.built.apply();
    let last = (look.borrow_mut())();
    let mut seen = seen.take();
    seen.push(last);
    seen
}

/// The same at each statement, and something else after the last.
fn old_then_new(seen: &[State]) {
    assert!(seen.len() > 60, "six models have more than {} statements", seen.len());
    let (new, old) = seen.split_last().unwrap();
    for (at, state) in old.iter().enumerate() {
        assert_eq!(state, &old[0], "at statement {at}");
    }
    for (table, (old, new)) in TABLES.iter().zip(old[0].iter().zip(new)) {
        assert_ne!(old, new, "the batch should change {table}");
    }
}

fn in_one_snapshot(client: &mut Client) -> State {
    let mut snapshot = client
        .build_transaction()
        .isolation_level(postgres::IsolationLevel::RepeatableRead)
        .start()
        .unwrap();
    TABLES.iter().map(|table| snapshot.query_one(&all_rows(table), &[]).unwrap().get(0)).collect()
}

fn statement_by_statement(client: &mut Client) -> State {
    TABLES.iter().map(|table| client.query_one(&all_rows(table), &[]).unwrap().get(0)).collect()
}

fn all_rows(table: &str) -> String {
    format!(
        "SELECT string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\") FROM acme.{table} AS t"
    )
}

#[test]
fn on_postgres_old_until_commit_then_new() {
    let mut landings = Landings::new(Built::on_postgres(PROJECT));
    let url = landings.built.url();
    for read in [in_one_snapshot, statement_by_statement] {
        landings.land();
        let mut client = Client::connect(&url, postgres::NoTls).unwrap();
        old_then_new(&look_on(&mut landings, move || read(&mut client)));
    }
}

#[test]
fn on_sqlite_old_until_commit_then_new() {
    let mut landings = Landings::new(Built::on_sqlite(PROJECT));
    landings.land();
    let reader = rusqlite::Connection::open(landings.built.folder().join("acme.db")).unwrap();
    let look = move || {
        let rows = |table: &&str| {
            let sql = format!("SELECT * FROM {table} ORDER BY 1, 2, 3");
            let mut statement = reader.prepare(&sql).unwrap();
            let count = statement.column_count();
            let cells = |row: &rusqlite::Row<'_>| {
                (0..count)
                    .map(|at| row.get::<_, rusqlite::types::Value>(at))
                    .collect::<Result<Vec<_>, _>>()
            };
            let rows = statement.query_map([], cells).unwrap();
            format!("{:?}", rows.map(Result::unwrap).collect::<Vec<_>>())
        };
        TABLES.iter().map(rows).collect()
    };
    old_then_new(&look_on(&mut landings, look));
}
