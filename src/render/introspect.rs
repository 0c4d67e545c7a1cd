//! The question which columns have landed, for people to ask a warehouse that idgraph does not reach.

use minijinja::context;

use super::statement::statements;
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};

/// The template.
const TEMPLATE: &str = "introspect.sql";

/// The query for the columns of all tables in a space: schema, table, column and type.
///
/// # Errors
/// When the template is wrong.
pub fn landed_columns(space: &str, dialect: &Dialect, library: &Library) -> Result<String> {
    let templates = Templates::new(library, dialect, &(), false)?;
    let values = context! {
        schema => dialect.schema(space),
        catalog => dialect.catalog.as_ref().map(|name| dialect.identifier(name)),
        space => dialect.literal(&dialect.in_catalog(space)),
    };
    let text = templates.render(TEMPLATE, values)?;
    statements(&Source::new(TEMPLATE, text.clone()), dialect)?;
    Ok(text)
}
