//! Reading in one snapshot, with tables of its own and no way to change any other.

use super::{Engine, Interrupt};
use crate::diagnostic::Result;

/// Does some reading in one transaction and rolls it back.
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

/// From here on the transaction writes to its own temporary tables alone.
///
/// # Errors
/// When the database does not allow it.
pub fn keep_read_only(engine: &mut dyn Engine) -> Result<()> {
    match engine.read_only_sql() {
        Some(sql) => engine.execute(sql).map(|_| ()),
        None => Ok(()),
    }
}
