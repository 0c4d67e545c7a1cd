//! On Postgres: idgraph killed at every statement, its connection cut, the server crashed, two at once.

use std::sync::OnceLock;

use crate::built::Built;
use crate::landings::{Landings, PROJECT};
use crate::support::command::Running;
use crate::support::postgres::project::Project;
use crate::support::postgres::proxy::{Proxy, Then};
use crate::support::postgres::{Options, Server};

/// A server of this file's own, which may be stopped by one test at a time.
struct Trouble {
    server: &'static Server,
    landings: Landings,
    url: String,
}

impl Trouble {
    fn new(server: &'static Server) -> Self {
        let built = Built::on_server(PROJECT, server);
        let url = built.url();
        Self { server, landings: Landings::new(built), url }
    }

    /// Not the server of a test that stops its own.
    fn shared() -> Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        Self::new(SERVER.get_or_init(|| Server::private(Options::default())))
    }

    /// A refresh by the real binary that stops at statement `at`.
    fn refresh(&self, at: usize) -> (Project, Proxy, Running) {
        let proxy = Proxy::start(self.server, at);
        let project = Project::new(PROJECT, proxy.url(self.server, &self.url));
        let running = Running::start(project.command("refresh", &[]));
        (project, proxy, running)
    }

    /// A refresh that nothing disturbs; returns how many statements it has.
    #[track_caller]
    fn heals(&mut self, landed: &crate::model::Landed) -> usize {
        let (_project, proxy, running) = self.refresh(usize::MAX);
        running.finish().fine();
        self.landings.hold("after a refresh that nothing disturbed", landed);
        proxy.then(Then::GoOn)
    }
}

#[test]
fn killed_at_any_statement_it_leaves_the_old_state_and_the_next_heals() {
    let mut trouble = Trouble::shared();
    let (_, after) = trouble.landings.land();
    let statements = trouble.heals(&after);
    assert!(statements > 60, "six models have more than {statements} statements");
    let mut states = trouble.landings.land();
    for at in 1..=statements {
        let (_project, proxy, mut running) = trouble.refresh(at);
        assert!(proxy.reaches(), "statement {at} of {statements}");
        running.kill();
        assert_eq!(running.finish().code, None);
        let is_last = at == statements;
        // The last is COMMIT: once sent, it may happen or not, but as a whole.
        proxy.then(if is_last { Then::SendAndCut } else { Then::Cut });
        let when = format!("killed at statement {at}");
        if is_last {
            trouble.landings.hold_either(&when, &states);
        } else {
            trouble.landings.hold(&when, &states.0);
        }
        if at % 16 == 0 || is_last {
            trouble.heals(&states.1);
            states = trouble.landings.land();
        }
    }
}

#[test]
fn cut_off_at_a_statement_it_says_so_and_the_next_heals() {
    let mut trouble = Trouble::shared();
    let (_, after) = trouble.landings.land();
    let statements = trouble.heals(&after);
    let states = trouble.landings.land();
    for at in (1..=statements).step_by(5).chain([statements]) {
        let (_project, proxy, running) = trouble.refresh(at);
        assert!(proxy.reaches(), "statement {at} of {statements}");
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '{}' AND application_name = 'idgraph' ORDER BY backend_start DESC LIMIT 1",
            trouble.url.rsplit('/').next().unwrap()
        );
        trouble.server.administer(&sql).unwrap();
        proxy.then(Then::GoOn);
        running.finish().exits(2).says(&["connection"]);
        trouble.landings.hold(&format!("cut off at statement {at}"), &states.0);
    }
    trouble.heals(&states.1);
}

#[test]
fn a_server_that_crashes_at_a_statement_comes_back_with_the_old_state() {
    let server = Box::leak(Box::new(Server::private(Options::default())));
    let mut trouble = Trouble::new(server);
    let (_, after) = trouble.landings.land();
    let statements = trouble.heals(&after);
    let states = trouble.landings.land();
    for at in [statements / 2, statements - 1, statements] {
        let (_project, proxy, running) = trouble.refresh(at);
        assert!(proxy.reaches(), "statement {at} of {statements}");
        trouble.server.stop();
        proxy.then(Then::GoOn);
        running.finish().exits(2);
        trouble.server.start();
        trouble.landings.built.reconnect();
        trouble.landings.hold(&format!("crashed at statement {at}"), &states.0);
    }
    trouble.heals(&states.1);
}

#[test]
fn a_second_refresh_waits_or_says_who_holds_the_lock_and_both_end_well() {
    let mut trouble = Trouble::shared();
    let (_, after) = trouble.landings.land();
    let statements = trouble.heals(&after);
    let (_, after) = trouble.landings.land();
    let (_project, proxy, first) = trouble.refresh(statements / 2);
    assert!(proxy.reaches());
    let other = Project::new(PROJECT, trouble.url.clone());
    other.refresh(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]: another idgraph is building acme; waited 1 s for it",
        "note: held by backend ",
        "application `idgraph`",
        "give it longer with --lock-timeout SECONDS",
    ]);
    let mut second = Running::start(other.command("refresh", &["--lock-timeout", "60"]));
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(second.is_running());
    proxy.then(Then::GoOn);
    first.finish().fine();
    second.finish().fine().says(&["refreshed, 0 rows written, 0 removed"]);
    trouble.landings.hold("after two at once", &after);
}
