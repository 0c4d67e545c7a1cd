//! What is said of rows of models whose landed rows are gone, as when Segment deletes a profile.

use std::collections::BTreeMap;

use super::Opened;
use super::build::as_it_is;
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::engine::{Catalog, Deletions, Engine, Gone};
use crate::migrate::shell_word;
use crate::project::words::many;
use crate::warehouse::Warehouse;

/// What the database has counted of deletions.
pub(super) fn counted(
    opened: &Opened,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
) -> Result<BTreeMap<String, String>> {
    let dialect = Dialect::load(&opened.library, engine.dialect())?.of_project(&opened.project);
    let warehouse = dialect.lands(warehouse);
    Deletions::count(engine, (&warehouse, &dialect, &opened.library))
}

/// Looks at the models as they stand. Where something of others is in the way of reading the tables, they are not looked at.
pub(super) fn found(
    opened: &Opened,
    warehouse: &Warehouse,
    (catalog, dialect): (&Catalog, Dialect),
    engine: &mut dyn Engine,
) -> Result<Vec<Gone>> {
    if engine.preflight().is_err() {
        return Ok(Vec::new());
    }
    let dialect = dialect.of_project(&opened.project);
    let warehouse = as_it_is(warehouse, &dialect, catalog);
    let of = (&warehouse, &dialect, &opened.library);
    let counted = Deletions::count(engine, of)?;
    let mut deletions = Deletions::new(of, counted, false);
    deletions.look_at_all(engine, catalog)?;
    Ok(deletions.found().to_vec())
}

/// How many rows there are, where, and what takes them out.
pub(super) fn warning(gone: &[Gone], schema: &str, target: &str) -> Option<String> {
    let rows = |one: &Gone| format!("{} of {schema}.{}", many(one.rows, "row"), one.table);
    let rows: Vec<String> = gone.iter().map(rows).collect();
    let (last, others) = rows.split_last()?;
    let rows = match others {
        [] => last.clone(),
        _ => format!("{} and {last}", others.join(", ")),
    };
    let one = gone.iter().map(|one| one.rows).sum::<u64>() == 1;
    let these = if one { "it" } else { "them" };
    Some(format!(
        "no landed row leads to {rows} any more, as when Segment has deleted a profile: {} takes {these} out",
        heal(target)
    ))
}

/// The command that takes them out.
pub(super) fn heal(target: &str) -> String {
    format!("`idgraph refresh --target {} --full`", shell_word(target))
}
