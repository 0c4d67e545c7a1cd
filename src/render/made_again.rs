//! Which incremental models will be read in full, since their tables are not the ones that were read for.

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::context::{Shared, Table};
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::project::Materialization;
use crate::warehouse::Warehouse;

/// Asks for the names of these models; `exists` says which of the tables are there. `None` without an incremental model.
///
/// # Errors
/// When the template is wrong.
pub fn made_again(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    exists: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    let read_for: Vec<_> = warehouse
        .models
        .iter()
        .filter(|model| model.materialized == Materialization::Incremental)
        .map(|model| ReadFor {
            table: Table::model(warehouse, model, dialect),
            exists: exists(&model.name),
        })
        .collect();
    if read_for.is_empty() {
        return Ok(None);
    }
    let shared = Shared::new(warehouse, dialect, false);
    let templates = Templates::new(library, dialect, &shared, false)?;
    templates.render("made_again.sql", context! { read_for => Serde(read_for) }).map(Some)
}

#[derive(Serialize)]
struct ReadFor {
    table: Table,
    exists: bool,
}
