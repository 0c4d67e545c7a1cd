//! A real Postgres for tests; without one they fail and say what to install.
//!
//! [`Database::new`] is what most tests want: an empty database of their own on the server that the
//! test file's process shares. [`Server::private`] is for tests that stop the server or need its
//! passwords or its TLS arranged. In this order, the server is
//!
//! 1. the one that `IDGRAPH_TEST_POSTGRES_URL` names (its user must be allowed to create databases),
//! 2. a container, when a Docker engine answers (`DOCKER_HOST` and so on) and has the image,
//! 3. a cluster of its own from the Postgres binaries on this machine.
//!
//! `IDGRAPH_TEST_POSTGRES=container` or `=local` insists on one of the last two. The choice is printed.

pub mod bouncer;
pub mod certificates;
mod cluster;
mod container;
pub mod project;
pub mod proxy;
mod server;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::Client;

pub use server::{Options, Server, percent_encode};

/// An empty database, dropped at the end of its scope.
pub struct Database<'a> {
    server: &'a Server,
    name: String,
}

impl Database<'static> {
    /// On the shared server.
    pub fn new() -> Self {
        Self::on(Server::shared())
    }

    /// On the shared server, with text sorted as people sort it, `a` before `B`.
    pub fn sorting_by_language() -> Self {
        let options =
            "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        Self::with(Server::shared(), options)
    }
}

impl<'a> Database<'a> {
    /// On a server of one's own.
    pub fn on(server: &'a Server) -> Self {
        Self::with(server, "")
    }

    /// With SHA-1, as most databases have it: idgraph uses the extension where it is, and makes none.
    fn with(server: &'a Server, options: &str) -> Self {
        let database = Self::bare(server, options);
        database.client().batch_execute("CREATE EXTENSION pgcrypto").expect("pgcrypto");
        database
    }

    /// Without any extension.
    pub fn bare(server: &'a Server, options: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // The time lets a later run on a server that stays see which databases were left behind.
        let name = format!("{PREFIX}{}_{}_{count}", now.as_secs(), std::process::id());
        server
            .administer(&format!("CREATE DATABASE {name} {options}"))
            .expect("create a test database");
        Self { server, name }
    }

    /// Its connection URL.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A session in it.
    pub fn client(&self) -> Client {
        server::open(&self.url()).expect("connect to the test database")
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // A server that the test has stopped takes its databases with it.
        let _ =
            self.server.administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// What test databases are called.
const PREFIX: &str = "idgraph_test_";
