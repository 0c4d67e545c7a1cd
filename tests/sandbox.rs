//! `idgraph test --target` leaves nothing in a database, killed or not.

mod support;

use std::fs;
use std::time::Duration;

use support::command::{Running, command, finish};
use support::postgres::{Database, Server};
use tempfile::TempDir;

const PROJECT: &str = "space: acme
dialects: [postgres]
traits: { columns: { email: varchar } }
targets: { warehouse: { engine: postgres, url: '${DATABASE_URL}' } }
";

/// A hash that Segment did not land is computed: of ASCII, of more than a block, of other letters.
const HASHES: &str = "batches:
  - land:
      external_id_mapping_updates:
        - { segment_id: p, external_id_type: email, external_id_value: ada@example.com }
        - { segment_id: p, external_id_type: user_id, external_id_value: LONG }
        - { segment_id: p, external_id_type: name, external_id_value: Zoë ☃ }
    expect:
      external_id_mapping: []
";

fn project(fixture: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), PROJECT).expect("write");
    fs::create_dir(folder.path().join("fixtures")).expect("a folder");
    fs::write(folder.path().join("fixtures/a.yml"), fixture).expect("write");
    folder
}

fn catalog(database: &Database<'_>) -> Vec<String> {
    let sql = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
        UNION ALL SELECT 'extension ' || extname FROM pg_extension
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname = 'sha1_hex'
        ORDER BY 1";
    database.client().query(sql, &[]).expect("catalog").iter().map(|row| row.get(0)).collect()
}

#[test]
fn what_a_killed_test_leaves_is_dropped_by_the_next() {
    let database = Database::new();
    let rows: String =
        (0..20_000).map(|row| format!("        - {{ segment_id: p{row} }}\n")).collect();
    let slow = format!(
        "batches:\n  - land:\n      id_graph_updates:\n{rows}    expect: {{ id_graph: [] }}\n"
    );
    let slow = project(&slow);
    let mut client = database.client();
    // Somebody's own schemas, of nearly the same name.
    client
        .batch_execute(
            "CREATE SCHEMA idgraph_test_mine; CREATE SCHEMA idgraph_test_0123456789abcdef",
        )
        .expect("schemas");
    let before = catalog(&database);
    let start = |folder: &TempDir| {
        let mut command = command(folder.path(), &["test", "--target", "warehouse"]);
        command.env("DATABASE_URL", database.url());
        Running::start(command)
    };
    let mut held = || {
        // A sandbox, and a lock on it.
        let sql = "SELECT (SELECT count(*) FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') ~ 'sandbox'),
            (SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
             WHERE l.locktype = 'advisory' AND d.datname = current_database() AND l.classid = 1768190817)";
        let row = client.query_one(sql, &[]).expect("sandboxes");
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    let mut wait = |wanted: (i64, i64)| {
        while held() != wanted {
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    let mut killed = start(&slow);
    wait((1, 1));
    killed.kill();
    killed.finish();
    assert!(catalog(&database).len() > before.len(), "a killed run can do nothing more");
    // Its session ends as soon as the server sees that nobody is there any more.
    wait((1, 0));
    // One that is running is left alone by the others.
    let running = start(&slow);
    wait((1, 1));
    let quick = project(&HASHES.replace("LONG", "x"));
    for _ in 0..2 {
        let mut command = command(quick.path(), &["test", "--target", "warehouse"]);
        command.env("DATABASE_URL", database.url());
        finish(command).exits(1);
    }
    let run = running.finish();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("20000 rows not expected"), "{}", run.stderr);
    assert_eq!(catalog(&database), before);
}

#[test]
fn no_extension_is_made_and_computed_hashes_are_right() {
    let long = "0123456789".repeat(20);
    let folder = project(&HASHES.replace("LONG", &long));
    let on = |database: &Database<'_>| {
        let before = catalog(database);
        let mut command =
            command(folder.path(), &["test", "--target", "warehouse", "--format", "json"]);
        command.env("DATABASE_URL", database.url());
        let run = finish(command).exits(1);
        assert_eq!(catalog(database), before);
        run.stdout
    };
    let bare = Database::bare(Server::shared(), "");
    let ready = Database::new();
    // SQLite computes them in Rust.
    let sqlite = finish(command(folder.path(), &["test", "--format", "json"])).exits(1).stdout;
    let hashes = |json: &str| {
        let is_hash = |word: &&str| word.len() == 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let mut found: Vec<String> = json
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(is_hash)
            .map(str::to_owned)
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let (bare, ready) = (on(&bare), on(&ready));
    assert_eq!(hashes(&sqlite).len(), 3, "{sqlite}");
    assert_eq!(hashes(&bare), hashes(&sqlite));
    assert_eq!(hashes(&ready), hashes(&sqlite));
}
