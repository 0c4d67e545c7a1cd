//! Through PgBouncer with a session of the server for each transaction: everything works, and nothing is left behind.

#[path = "support/migrations.rs"]
mod migrations;
mod support;

use std::time::{Duration, Instant};

use postgres::{Client, NoTls, SimpleQueryMessage};
use support::command::{Run, Running, finish};
use support::postgres::project::{Project, SMALL, count, land};
use support::postgres::{Database, Options, Server, bouncer};

/// As few sessions of the server as two clients can be in each other's way with.
const SESSIONS: usize = 2;

fn run(project: &Project, name: &str, further: &[&str]) -> Run {
    finish(project.command(name, further))
}

/// Segment's tables, which it makes without the pool.
fn land_tables(database: &Database<'_>) {
    Project::new(SMALL, database.url()).land_tables();
}

/// All sessions of the pool at once.
fn sessions(url: &str) -> Vec<Client> {
    let open = |_| {
        let mut client = Client::connect(url, NoTls).expect("the pool");
        client.batch_execute("BEGIN").expect("a session");
        client
    };
    (0..SESSIONS).map(open).collect()
}

/// What a query says in each of them.
fn left(url: &str, sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    for mut session in sessions(url) {
        for message in session.simple_query(sql).expect(sql) {
            if let SimpleQueryMessage::Row(row) = message {
                found.push(row.get(0).unwrap_or_default().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_command_works_through_a_pool_of_transactions_and_leaves_nothing_on_it() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let pool = bouncer::Bouncer::start(&server, SESSIONS);
    let url = pool.url(&database);
    let project = Project::new(SMALL, format!("{url}&pgbouncer=true"));

    land_tables(&database);
    run(&project, "apply", &["--dry-run"]).fine();
    run(&project, "apply", &[]).fine();
    for round in 0..3 {
        land(&database, 300, &format!("@{round}"));
        // More at once than the pool has sessions.
        let all: Vec<Running> =
            (0..4).map(|_| Running::start(project.command("refresh", &[]))).collect();
        for refresh in all {
            refresh.finish().fine();
        }
    }
    assert_eq!(count(&database, "acme.profile_traits WHERE email LIKE '%@2'"), 300);
    for (name, further) in [
        ("status", &[][..]),
        ("show", &["profile_traits"]),
        ("verify", &[]),
        ("explain", &["p1"]),
        ("plan", &[]),
    ] {
        run(&project, name, further).fine();
    }
    // Nothing is recorded yet.
    run(&project, "introspect", &["--check"]).exits(1);

    let settings = "SELECT name FROM pg_settings WHERE source = 'session'
        AND name NOT IN ('application_name', 'client_encoding', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable')";
    for sql in [
        settings,
        "SELECT statement FROM pg_prepared_statements",
        "SELECT name FROM pg_cursors WHERE name <> ''",
        "SELECT relname FROM pg_class WHERE relpersistence = 't'",
        "SELECT mode FROM pg_locks WHERE locktype = 'advisory'",
        "SELECT relation::regclass::text FROM pg_locks WHERE locktype = 'relation' AND pid <> pg_backend_pid() AND relation > 16384",
    ] {
        assert_eq!(left(&url, sql), Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn what_needs_a_session_of_its_own_is_refused_through_a_pool_and_runs_without() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let pool = bouncer::Bouncer::start(&server, SESSIONS);
    let files = [
        (
            "0001_made.sql",
            "CREATE TABLE acme.made (x integer);\nCOMMENT ON TABLE acme.made IS 'Built by idgraph.';\n",
        ),
        (
            "0002_index.sql",
            "-- idgraph: no-transaction\nCREATE INDEX CONCURRENTLY made_x ON acme.made (x);\n",
        ),
    ];
    let through = Project::new(SMALL, pool.url(&database));
    let direct = Project::new(SMALL, database.url());
    land_tables(&database);
    for project in [&through, &direct] {
        migrations::write(project.folder(), "postgres", &files);
    }
    run(&through, "apply", &[]).exits(2).says(&[
        "error[pooled-connection]",
        "cannot run through a pool of connections",
        "applied before and kept: 0001_made.sql",
        "run this apply on a direct connection",
    ]);
    run(&direct, "apply", &[]).fine().says(&["now at 0002"]);
    run(&through, "apply", &[]).fine().says(&["up to date"]);
}

#[test]
fn ctrl_c_reaches_the_statement_through_a_pool() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let pool = bouncer::Bouncer::start(&server, 2 * SESSIONS);
    let project = Project::new(SMALL, pool.url(&database));
    land_tables(&database);
    run(&project, "apply", &[]).fine();
    let mut other = database.client();
    other
        .batch_execute("BEGIN; LOCK TABLE acme.id_graph IN ACCESS EXCLUSIVE MODE")
        .expect("a lock");
    let mut waiting = Running::start(project.command("refresh", &["--lock-timeout", "30"]));
    let start = Instant::now();
    while count(&database, "pg_stat_activity WHERE wait_event_type = 'Lock'") == 0 {
        assert!(
            start.elapsed() < Duration::from_secs(60) && waiting.is_running(),
            "it waits for the lock"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let asked = Instant::now();
    waiting.interrupt();
    waiting.finish().exits(2).says(&["error[interrupted]"]);
    assert!(asked.elapsed() < Duration::from_secs(20), "it did not wait for the lock to be gone");
}
