//! Postgres: reaching a server, and a session with it.

mod cancel;
mod connect;
mod failure;
mod granted;
mod grants;
mod hold;
mod holders;
mod lock;
mod made;
mod own;
mod pgpass;
mod plan;
mod preflight;
mod sandbox;
mod session;
mod settings;
mod tls;
mod trouble;
mod value;

pub use connect::{connect, connect_with};
pub use own::Own;
pub use plan::Environment;
pub use session::{NAME, Postgres};
