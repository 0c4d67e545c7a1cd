//! A space that holds no landed table, while there are models of what landed: to build on would empty them.

use super::Engine;
use super::catalog::{Catalog, Kind};
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::Dialect;
use crate::project::Project;
use crate::warehouse::Warehouse;

/// What is said where models of ours have rows and nothing that they could be read from is there.
///
/// # Errors
/// When a model cannot be read.
pub fn nothing_landed(
    project: &Project,
    (warehouse, dialect): (&Warehouse, &Dialect),
    catalog: &Catalog,
    engine: &mut dyn Engine,
) -> Result<Option<Diagnostic>> {
    let space = &warehouse.space;
    let has_landed =
        warehouse.landed.iter().any(|table| catalog.find(space, &table.name).is_some());
    if has_landed || warehouse.landed.is_empty() {
        return Ok(None);
    }
    let mut names = Vec::new();
    for table in &warehouse.models {
        let found = catalog.find(&warehouse.models_schema, &table.name);
        if !found.is_some_and(|found| found.is_ours && found.kind == Kind::Table) {
            continue;
        }
        let name = dialect.qualified(&warehouse.models_schema, &table.name);
        // An apply before anything landed has built them from nothing.
        if !engine.query(&format!("SELECT 1 FROM {name} LIMIT 1"))?.rows.is_empty() {
            names.push(format!("{}.{}", warehouse.models_schema, table.name));
        }
    }
    let Some(first) = names.first() else { return Ok(None) };
    let message = format!("{space} has none of the landed tables, and {first} was built from them");
    Ok(Some(
        Diagnostic::error("nothing-landed", message)
            .at(&project.space.place, "the schema that was looked in")
            .note("a build from nothing would empty every model")
            .help("check `space`, and that Segment's tables are there; to begin from nothing, drop the tables of the models yourself, then apply: ".to_owned() + &names.join(", ")),
    ))
}
