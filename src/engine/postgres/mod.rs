//! Postgres.

mod session;

pub use session::{NAME, Postgres};
