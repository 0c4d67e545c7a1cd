//! On Postgres: killed at every statement, the connection cut, the server crashed, two at once, a lock held, no room.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use postgres::Client;

use crate::files::{State, all};
use crate::migrations;
use crate::support::command::{Run, Running};
use crate::support::postgres::project::{Project, SMALL};
use crate::support::postgres::proxy::{Proxy, Then};
use crate::support::postgres::{Database, Options, Server};

/// A server that may be stopped, by one test at a time.
static SERVER: OnceLock<Server> = OnceLock::new();
static ALONE: Mutex<()> = Mutex::new(());

pub struct Trouble {
    pub database: Database<'static>,
    server: &'static Server,
    _alone: MutexGuard<'static, ()>,
}

impl Trouble {
    pub fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let server = SERVER.get_or_init(|| Server::private(Options::default()));
        Self { database: Database::on(server), server, _alone: alone }
    }

    pub fn project(&self, url: String) -> Project {
        // Not through a proxy, which counts what idgraph sends.
        Project::new(SMALL, self.database.url()).land_tables();
        let project = Project::new(SMALL, url);
        let files = all("", |number| {
            format!("COMMENT ON TABLE acme.idgraph_t{number} IS 'Built by idgraph.';\n")
        });
        let files: Vec<_> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        migrations::write(project.folder(), "postgres", &files);
        project
    }

    pub fn apply(&self) -> Run {
        self.project(self.database.url()).apply(&[])
    }

    /// An apply that stops at statement `at`.
    fn stopping(&self, at: usize) -> (Project, Proxy, Running) {
        let proxy = Proxy::start(self.server, at);
        let project = self.project(proxy.url(self.server, &self.database.url()));
        let running = project.applying_alone(&[]);
        (project, proxy, running)
    }

    /// How many statements an undisturbed apply is; leaves nothing behind.
    fn statements(&self) -> usize {
        let (_project, proxy, running) = self.stopping(usize::MAX);
        running.finish().fine();
        self.state().is_done("undisturbed");
        self.clear();
        proxy.then(Then::GoOn)
    }

    pub fn clear(&self) {
        self.alone().batch_execute("DROP SCHEMA IF EXISTS acme CASCADE").unwrap();
    }

    /// A session, when no other is left: a server sees later than its client that this is gone.
    fn alone(&self) -> Client {
        let mut client = self.database.client();
        let sql = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let start = Instant::now();
        while client.query_one(sql, &[]).unwrap().get::<_, i64>(0) > 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "a session that does not end");
            std::thread::yield_now();
        }
        client
    }

    pub fn state(&self) -> State {
        let mut client = self.alone();
        let mut state = State::default();
        let exists = |client: &mut Client, table: &str| -> bool {
            client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).unwrap().get(0)
        };
        if exists(&mut client, "acme.idgraph_migrations") {
            let sql = "SELECT number::int, finished_at IS NOT NULL, statements_done FROM acme.idgraph_migrations";
            for row in client.query(sql, &[]).unwrap() {
                let number: i32 = row.get(0);
                state.ledger.insert(number.try_into().unwrap(), (row.get(1), row.get(2)));
            }
        }
        for number in 1..=10 {
            let table = format!("acme.idgraph_t{number}");
            if exists(&mut client, &table) {
                let rows = client.query(&format!("SELECT x::bigint FROM {table}"), &[]).unwrap();
                state.tables.insert(number, rows.iter().map(|row| row.get(0)).collect());
            }
        }
        state
    }

    #[track_caller]
    pub fn finishes(&self, when: &str) {
        self.apply().fine();
        self.state().is_done(when);
        self.clear();
    }
}

#[test]
fn killed_at_any_statement_nothing_is_half_applied_and_the_next_finishes() {
    let trouble = Trouble::new();
    let statements = trouble.statements();
    assert!(statements > 80, "ten files have more than {statements} statements");
    let mut counts = Vec::new();
    // A statement that the server never sees, and one whose result nobody hears of.
    let all = (1..=statements).flat_map(|at| [(at, Then::Cut), (at, Then::SendAndCut)]);
    for (at, then) in all {
        let (_project, proxy, mut running) = trouble.stopping(at);
        assert!(proxy.reaches(), "statement {at} of {statements}");
        running.kill();
        assert_eq!(running.finish().code, None);
        proxy.then(then);
        let when = format!("killed at statement {at}, {then:?}");
        counts.push(trouble.state().holds(&when));
        if at % 12 == 0 {
            trouble.finishes(&when);
        }
        trouble.clear();
    }
    counts.dedup();
    assert_eq!(counts, (0..=10).collect::<Vec<_>>(), "every state in between was seen");
}

#[test]
fn cut_off_it_says_so_and_the_next_finishes() {
    let trouble = Trouble::new();
    let statements = trouble.statements();
    for at in (3..=statements).step_by(7) {
        let (_project, proxy, running) = trouble.stopping(at);
        assert!(proxy.reaches());
        proxy.then(Then::Cut);
        running
            .finish()
            .exits(2)
            .says(&["error[connection-lost]", "the connection to the server was lost"]);
        let when = format!("cut off at statement {at}");
        trouble.state().holds(&when);
        trouble.finishes(&when);
    }
}

#[test]
fn the_server_crashing_under_it_harms_nothing() {
    let trouble = Trouble::new();
    let statements = trouble.statements();
    for at in [statements / 4, statements / 2, statements - 1] {
        let (_project, proxy, running) = trouble.stopping(at);
        assert!(proxy.reaches());
        trouble.server.stop();
        proxy.then(Then::GoOn);
        running.finish().exits(2).says(&["error[connection-lost]"]);
        trouble.server.start();
        let when = format!("crashed at statement {at}");
        trouble.state().holds(&when);
        trouble.finishes(&when);
    }
}

#[test]
fn of_two_appliers_one_waits_and_finds_all_done() {
    let trouble = Trouble::new();
    let statements = trouble.statements();
    let (_project, proxy, first) = trouble.stopping(statements / 2);
    assert!(proxy.reaches());
    let project = trouble.project(trouble.database.url());
    project.apply(&["--lock-timeout", "0"]).exits(2).says(&[
        "error[locked]: another idgraph is building acme",
        "note: held by backend",
        "application `idgraph`",
    ]);
    let second = project.applying(&["--lock-timeout", "60"]);
    proxy.then(Then::GoOn);
    first.finish().fine();
    // The lock is of each file: they take turns, and each file runs once.
    second.finish().fine();
    trouble.state().is_done("after both");
}

#[test]
fn a_table_that_another_session_has_locked_is_waited_for_but_not_without_end() {
    let trouble = Trouble::new();
    let project = trouble.project(trouble.database.url());
    project.apply(&["--to", "4"]).fine();
    let mut other = trouble.database.client();
    other
        .batch_execute("SET application_name = 'the other'; BEGIN; LOCK TABLE acme.idgraph_t1")
        .unwrap();
    project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]",
        "note: acme.idgraph_t1 is locked (ACCESS EXCLUSIVE) by backend ",
        "application `the other`",
        "0005_step.sql runs without a transaction",
    ]);
    other.batch_execute("ROLLBACK").unwrap();
    drop(other);
    trouble.state().holds("locked out");
    trouble.finishes("after the lock");
}

#[test]
fn ctrl_c_takes_the_running_file_back_and_says_so() {
    let trouble = Trouble::new();
    let project = trouble.project(trouble.database.url());
    let slow = [(
        "0011_slow.sql",
        "CREATE TABLE acme.idgraph_t11 (x integer);\n-- idgraph: destructive pg_sleep\nINSERT INTO acme.idgraph_t11 SELECT 1 FROM pg_sleep(600);\n",
    )];
    migrations::write(project.folder(), "postgres", &slow);
    let mut running = project.applying(&["--verbose", "--allow-destructive", "pg_sleep"]);
    running.hears("1/2 CREATE TABLE acme.idgraph_t11");
    let mut client = trouble.database.client();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%INSERT INTO acme.idgraph_t11%' AND datname = current_database() AND pid <> pg_backend_pid()";
    while client.query_one(sql, &[]).unwrap().get::<_, i64>(0) == 0 {
        std::thread::yield_now();
    }
    drop(client);
    running.interrupt();
    running.finish().exits(2).says(&[
        "error[interrupted]: stopped by Ctrl-C during 0011_slow.sql",
        "note: 0011_slow.sql was rolled back whole",
        "note: applied before and kept: 0001_step.sql, ",
    ]);
    trouble.state().is_done("interrupted");
    let gone: bool = trouble
        .alone()
        .query_one("SELECT to_regclass('acme.idgraph_t11') IS NULL", &[])
        .unwrap()
        .get(0);
    assert!(gone);
}

/// A limit on the size of the server's files stands in for the disk, see `disk.rs`: a write beyond it fails in the same way.
#[test]
fn a_full_disk_takes_the_running_file_back_and_the_next_finishes() {
    let trouble = Trouble::new();
    let large = "CREATE TABLE acme.idgraph_t11 (x text);\nCOMMENT ON TABLE acme.idgraph_t11 IS 'Built by idgraph.';\n\
        INSERT INTO acme.idgraph_t11 SELECT repeat(md5(i::text), 60) FROM generate_series(1, 12000) AS i;\n";
    let large = [("0011_large.sql", large)];
    let proxy = Proxy::start(trouble.server, 3);
    let project = trouble.project(proxy.url(trouble.server, &trouble.database.url()));
    migrations::write(project.folder(), "postgres", &large);
    let running = project.applying_alone(&[]);
    assert!(proxy.reaches());
    // More than a segment of the log has, which is not to fail; less than the table needs.
    let limit = "
        DO $$
        DECLARE backend integer;
        BEGIN
            SELECT pid INTO STRICT backend FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'idgraph';
            EXECUTE format('COPY (SELECT 1) TO PROGRAM ''prlimit --pid %s --fsize=18000000''', backend);
        END $$";
    trouble.database.client().batch_execute(limit).expect("prlimit, of util-linux");
    proxy.then(Then::GoOn);
    running.finish().exits(2).says(&[
        "could not extend file",
        "INSERT INTO acme.idgraph_t11",
        "note: 0011_large.sql was rolled back whole",
        "note: applied before and kept: 0001_step.sql, ",
    ]);
    trouble.state().is_done("the disk is full");
    let there = |sql: &str| -> bool { trouble.alone().query_one(sql, &[]).unwrap().get(0) };
    assert!(there("SELECT to_regclass('acme.idgraph_t11') IS NULL"));
    assert!(there("SELECT count(*) = 10 FROM acme.idgraph_migrations"));
    let project = trouble.project(trouble.database.url());
    migrations::write(project.folder(), "postgres", &large);
    project.apply(&[]).fine().says(&["1 migration run, now at 0011"]);
    assert!(there("SELECT count(*) = 12000 FROM acme.idgraph_t11"));
    assert!(there("SELECT count(*) = 11 FROM acme.idgraph_migrations"));
}
