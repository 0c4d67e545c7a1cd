//! Which incremental models will be read in full, since their tables, or those that they read, are not the ones that were read.

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::context::{Shared, Table};
use super::incremental::{ReadSource, Refresh};
use super::marks::Mark;
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::project::Materialization;
use crate::warehouse::Warehouse;

/// Asks which of these models are read in full, and why: rows of a model, what is the matter, and with what. `exists` says which of
/// the tables are there. `None` without an incremental model, or where the catalog does not tell tables apart.
///
/// # Errors
/// When the template is wrong.
pub fn made_again(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    exists: impl Fn(&str, &str) -> bool,
) -> Result<Option<String>> {
    let can = &dialect.facts.can;
    let source = warehouse.landed_table(warehouse.traits_from);
    let read_for: Vec<_> = warehouse
        .models
        .iter()
        .filter(|model| model.materialized == Materialization::Incremental)
        .map(|model| {
            let refresh = Refresh::new(warehouse, model, dialect);
            let traits = if refresh.reads_traits { warehouse.traits() } else { &[] };
            ReadFor {
                table: Table::model(warehouse, model, dialect),
                exists: exists(&warehouse.models_schema, &model.name),
                marks: traits
                    .iter()
                    .flat_map(|one| Mark::all(one, source, dialect))
                    .map(Mark::value)
                    .collect(),
                has_columns: !refresh.is_long,
                model: refresh.model,
                columns: refresh.fixed,
                sources: refresh
                    .sources
                    .into_iter()
                    .map(|source| Source {
                        exists: exists(&warehouse.space, &source.landed),
                        source,
                    })
                    .collect(),
            }
        })
        .collect();
    if read_for.is_empty() || !can.identify_tables || !can.identify_columns {
        return Ok(None);
    }
    let shared = Shared::new(warehouse, dialect, false);
    let templates = Templates::new(library, dialect, &shared, false)?;
    templates.render("made_again.sql", context! { read_for => Serde(read_for) }).map(Some)
}

#[derive(Serialize)]
struct ReadFor {
    model: String,
    table: Table,
    columns: Vec<String>,
    sources: Vec<Source>,
    /// What the watermarks call the traits that it reads.
    marks: Vec<Value>,
    /// Whether a trait is a column of it.
    has_columns: bool,
    exists: bool,
}

#[derive(Serialize)]
struct Source {
    #[serde(flatten)]
    source: ReadSource,
    exists: bool,
}
