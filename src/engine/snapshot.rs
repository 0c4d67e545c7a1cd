//! Reading in one snapshot, with no way to change anything.

use super::{Engine, Interrupt};
use crate::diagnostic::Result;

/// Does some reading in one read-only transaction and ends it.
///
/// # Errors
/// When the reading fails or the user interrupts it.
pub fn read<T>(
    engine: &mut dyn Engine,
    interrupt: &Interrupt,
    reading: impl FnOnce(&mut dyn Engine) -> Result<T>,
) -> Result<T> {
    interrupt.ends(engine.interrupter());
    let begin = engine.begin_reading_sql();
    let read = engine.execute(begin).and_then(|_| reading(engine));
    // The connection may be gone; then the database has rolled back by itself.
    let _ = engine.execute("ROLLBACK");
    match read {
        Err(_) if interrupt.is_wanted() => Err(Interrupt::stopped().into()),
        other => other,
    }
}
