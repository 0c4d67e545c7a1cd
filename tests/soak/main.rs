//! A load test: rows land, refreshes run and are killed, the server crashes and readers look, all at once; after each
//! round every table is what the reference model says. It takes as long as it is told to, so it only runs when asked for:
//!
//! ```console
//! $ IDGRAPH_SOAK_SECONDS=3600 cargo test --release --test soak -- --ignored --nocapture
//! ```
//!
//! CONTRIBUTING.md lists what else the environment can say.

#[path = "../built/mod.rs"]
mod built;
#[path = "../support/dice.rs"]
mod dice;
#[path = "../model/mod.rs"]
mod model;
#[path = "../support/mod.rs"]
mod support;

mod bouncer;
mod clock;
mod disturb;
mod figures;
mod journal;
mod landers;
mod load;
mod on_postgres;
mod on_sqlite;
mod readers;
mod refreshers;
mod rounds;
mod rows;
mod session;
mod shape;
mod space;
mod switches;

use bouncer::Bouncer;
use journal::say;
use load::Load;
use space::Place;
use support::postgres::{Options, Server};
use switches::Switches;

#[test]
#[ignore = "takes as long as IDGRAPH_SOAK_SECONDS says"]
fn under_load_nothing_is_lost_on_postgres() {
    let switches = Switches::read();
    let server = Server::private(Options::default());
    let bouncer =
        if switches.pgbouncer { Bouncer::start(&server.host(), server.port()) } else { None };
    if bouncer.is_none() {
        say("not run: PgBouncer");
    }
    let place = Place::Postgres { server: &server, bouncer: bouncer.as_ref() };
    rounds::run(&Load::new(switches, "postgres"), &place, "postgres");
}

#[test]
#[ignore = "takes as long as IDGRAPH_SOAK_SECONDS says"]
fn under_load_nothing_is_lost_on_sqlite() {
    rounds::run(&Load::new(Switches::read(), "sqlite"), &Place::Sqlite, "sqlite");
}
