//! Postgres: reaching a server, and a session with it.

mod connect;
mod failure;
mod granted;
mod grants;
mod holders;
mod made;
mod pgpass;
mod plan;
mod sandbox;
mod session;
mod settings;
mod tls;

pub use connect::{connect, connect_with};
pub use plan::Environment;
pub use session::{NAME, Postgres};
