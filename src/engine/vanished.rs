//! A space that holds no landed table, while there are models of what landed: to build on would empty them.

use super::catalog::{Catalog, Kind};
use crate::diagnostic::Diagnostic;
use crate::project::Project;
use crate::warehouse::Warehouse;

/// What is said where models of ours stand and nothing that they could be read from does.
pub(super) fn nothing_landed(
    project: &Project,
    warehouse: &Warehouse,
    catalog: &Catalog,
) -> Option<Diagnostic> {
    let space = &warehouse.space;
    let has_landed =
        warehouse.landed.iter().any(|table| catalog.find(space, &table.name).is_some());
    if has_landed || warehouse.landed.is_empty() {
        return None;
    }
    let built = warehouse.models.iter().filter(|table| {
        let found = catalog.find(&warehouse.models_schema, &table.name);
        found.is_some_and(|found| found.is_ours && found.kind == Kind::Table)
    });
    let names: Vec<_> =
        built.map(|table| format!("{}.{}", warehouse.models_schema, table.name)).collect();
    let first = names.first()?;
    let message = format!("{space} has none of the landed tables, and {first} was built from them");
    Some(
        Diagnostic::error("nothing-landed", message)
            .at(&project.space.place, "the schema that was looked in")
            .note("a build from nothing would empty every model")
            .help("check `space`, and that Segment's tables are there; to begin from nothing, drop the tables of the models yourself, then apply: ".to_owned() + &names.join(", ")),
    )
}
