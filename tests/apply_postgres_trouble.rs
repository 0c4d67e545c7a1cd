//! `idgraph apply` on Postgres when something is in its way: it says what, and nothing has changed.

mod support;

use std::time::{Duration, Instant};

use support::postgres::project::{Project, SMALL, dump, land};
use support::postgres::{Database, Options, Server};

#[test]
fn what_has_a_models_name_and_is_not_ours_is_refused_untouched() {
    for theirs in [
        "CREATE TABLE acme.id_graph AS SELECT 'theirs' AS segment_id",
        "CREATE VIEW acme.id_graph AS SELECT 'theirs' AS segment_id",
        "CREATE MATERIALIZED VIEW acme.id_graph AS SELECT 'theirs' AS segment_id",
    ] {
        let database = Database::new();
        database.client().batch_execute(&format!("CREATE SCHEMA acme; {theirs}")).unwrap();
        let project = Project::new(SMALL, database.url());
        project.land_tables();
        let before = dump(&database);
        let run = project.apply_alone(&[]).exits(2);
        run.says(&["error[not-ours]: acme.id_graph exists, and idgraph did not make it"]);
        assert_eq!(dump(&database), before, "{theirs}");
    }
}

#[test]
fn a_second_apply_waits_and_then_says_who_holds_the_lock() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let mut other = database.client();
    other
        .batch_execute(
            "SET application_name = 'the other'; SELECT pg_advisory_lock(7527, hashtext('acme'))",
        )
        .unwrap();
    let start = Instant::now();
    project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]: another idgraph is building acme; waited 1 s for it",
        "note: held by backend ",
        "application `the other`",
        "give it longer with --lock-timeout SECONDS",
    ]);
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut waiting = project.applying(&["--lock-timeout", "60"]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(waiting.is_running());
    drop(other);
    waiting.finish().fine();
}

#[test]
fn a_table_that_somebody_has_locked_is_not_waited_for_without_end() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let mut other = database.client();
    other
        .batch_execute("SET application_name = 'the other'; BEGIN; LOCK TABLE acme.id_graph")
        .unwrap();
    let (pid, user): (i32, String) = {
        let row = other.query_one("SELECT pg_backend_pid(), current_user::text", &[]).unwrap();
        (row.get(0), row.get(1))
    };
    let run = project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]: target `warehouse`: canceling statement due to lock timeout",
        &format!("note: acme.id_graph is locked (ACCESS EXCLUSIVE) by backend {pid}: user `{user}`, application `the other`, "),
        "in a transaction for 00:00:0",
        "help: wait for it to end, or give it longer with --lock-timeout SECONDS",
    ]);
    assert_eq!(run.stderr.matches("is locked (").count(), 1, "{}", run.stderr);
    // Who only reads is in the way of a change of the table's shape, and of nobody who writes rows.
    other
        .batch_execute(
            "ROLLBACK; BEGIN; SELECT FROM acme.id_graph; SELECT FROM acme.profile_traits",
        )
        .unwrap();
    project.apply(&["--lock-timeout", "1"]).fine();
    project.change(&format!("{SMALL}    plan: varchar\n"));
    let run = project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "in: ALTER TABLE acme.profile_traits",
        &format!("note: acme.profile_traits is locked (ACCESS SHARE) by backend {pid}: "),
    ]);
    assert!(!run.stderr.contains("acme.id_graph is locked"), "{}", run.stderr);
    // Rows, too, can be locked, and no more is known of it than who writes to the table.
    let update = "ROLLBACK; INSERT INTO acme.id_graph (segment_id) VALUES ('p0');
        BEGIN; UPDATE acme.id_graph SET timestamp = now()";
    other.batch_execute(update).unwrap();
    let mut reader = database.client();
    reader.batch_execute("BEGIN; SELECT FROM acme.id_graph").unwrap();
    let run = project.refresh(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]",
        &format!("note: acme.id_graph is locked (ROW EXCLUSIVE) by backend {pid}: "),
    ]);
    assert!(!run.stderr.contains("(ACCESS SHARE)"), "{}", run.stderr);
}

/// Tables are locked before anything runs, so what stops an apply midway is a row.
const A_ROW: &str = "SELECT 1 FROM acme.profile_traits FOR UPDATE";

/// Builds the models, and lands what changes their rows.
fn built_and_changed(database: &Database<'_>, project: &Project) {
    project.apply(&[]).fine();
    land(database, 10, "@none");
    project.apply(&[]).fine();
    land(database, 10, "@one");
}

#[test]
fn ctrl_c_ends_a_statement_and_a_wait_and_changes_nothing() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    built_and_changed(&database, &project);
    let before = dump(&database);
    for lock in [
        A_ROW,
        "LOCK TABLE acme.profile_traits",
        "SELECT pg_advisory_xact_lock(7527, hashtext('acme'))",
    ] {
        let mut other = database.client();
        other.batch_execute(&format!("BEGIN; {lock}")).unwrap();
        let mut running = project.applying(&["--lock-timeout", "600"]);
        if lock == A_ROW {
            running.hears("acme.external_id_mapping ");
        }
        std::thread::sleep(Duration::from_millis(500));
        assert!(running.is_running());
        let start = Instant::now();
        running.interrupt();
        running
            .finish()
            .exits(2)
            .says(&["error[interrupted]: stopped by Ctrl-C; everything was rolled back"]);
        assert!(start.elapsed() < Duration::from_secs(5));
        drop(other);
        assert_eq!(dump(&database), before);
    }
}

#[test]
fn a_server_that_stops_midway_is_explained_and_nothing_has_changed() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let project = Project::new(SMALL, database.url());
    built_and_changed(&database, &project);
    let before = dump(&database);
    let mut other = database.client();
    other.batch_execute(&format!("BEGIN; {A_ROW}")).unwrap();
    let mut running = project.applying(&["--lock-timeout", "600"]);
    running.hears("acme.external_id_mapping ");
    server.stop();
    let run = running.finish().exits(2);
    run.says(&[
        "error[connection-lost]: target `warehouse`: the connection to the server was lost",
    ]);
    project.apply(&[]).exits(2).says(&["nothing listens at "]);
    server.start();
    assert_eq!(dump(&database), before);
    project.apply(&[]).fine();
}

#[test]
fn no_message_shows_a_password() {
    const SECRET: &str = "s3cr3tOfTheServer";
    let server =
        Server::private(Options { password: Some(SECRET.to_owned()), ..Options::default() });
    let database = Database::on(&server);
    let url = database.url();
    let wrong = url.replace(SECRET, "wr0ngs3cr3t");
    let nobody = url.replace(&format!(":{}/", server.port()), ":1/");
    let statement = Project::new(SMALL, url.clone());
    statement.apply(&[]).fine();
    database.client().batch_execute("ALTER TABLE acme.identifies DROP COLUMN segment_id").unwrap();
    for (url, words) in [
        (&wrong, "error[wrong-password]: "),
        (&nobody, "error[connection-refused]: "),
        (&url, "error[not-landed]: "),
    ] {
        for arguments in [&[][..], &["--dry-run"]] {
            let run =
                Project::new(SMALL, url.clone()).apply_alone(arguments).exits(2).says(&[words]);
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains("s3cr3t"), "{text}");
            }
        }
    }
}

#[test]
fn a_row_that_is_too_wide_is_named_with_the_way_out() {
    let database = Database::new();
    let traits: String = (0..600).map(|number| format!("    t{number}: varchar\n")).collect();
    let project = Project::new(&SMALL.replace("    email: varchar\n", &traits), database.url());
    project.apply(&[]).fine();
    let (names, values): (Vec<String>, Vec<String>) =
        (0..600).map(|number| (format!("t{number}"), "repeat('x', 40)".to_owned())).unzip();
    let land = format!(
        "INSERT INTO acme.identifies (id, segment_id, timestamp, {}) SELECT 'i', 'p', '2024-01-01', {}",
        names.join(", "),
        values.join(", ")
    );
    // The landed row is too wide, too, unless it is landed by several.
    for part in 0..3 {
        let of = |all: &[String]| all[part * 200..part * 200 + 200].join(", ");
        let sql = format!(
            "INSERT INTO acme.identifies (id, segment_id, timestamp, {}) VALUES ('i{part}', 'p', '2024-01-01', {})",
            of(&names),
            of(&values)
        );
        database.client().batch_execute(&sql).unwrap();
    }
    assert!(database.client().batch_execute(&land).is_err());
    project.refresh(&[]).exits(2).says(&[
        "row is too big",
        "a row of profile_traits_latest holds more than a page of 8 kB",
        "help: take traits out that nobody reads; `user_traits` has a row for each trait",
    ]);
}
