//! Postgres: reaching a server.

mod connect;
mod failure;
mod pgpass;
mod plan;
mod settings;
mod tls;

pub use connect::{connect, connect_with};
pub use plan::Environment;
