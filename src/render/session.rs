//! What a session begins with: settings that decide what names and values mean, so that no server, role or pool decides it.

use minijinja::context;

use super::context::Shared;
use super::statement::{Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::warehouse::Warehouse;

/// The settings of a dialect, as rendered files begin with them. Where the dialect has settings that end with the
/// transaction, they are those: run them after each BEGIN.
///
/// # Errors
/// When the template is wrong.
pub fn session(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
) -> Result<Vec<Statement>> {
    let templates =
        Templates::new(library, dialect, &Shared::new(warehouse, dialect, false), false)?;
    let text = templates.render("session.sql", context! {})?;
    statements(&Source::new("session.sql", text), dialect)
}
