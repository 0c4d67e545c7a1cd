//! The columns that a table of ours lacks.

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Column, Shared, Table};
use super::statement::{Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::Materialization;
use crate::warehouse::{ModelTable, TableColumn, Warehouse};

/// The statements that add columns to a table of ours.
///
/// # Errors
/// When a template is wrong, or what it renders is not the dialect's SQL.
pub fn add_columns(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    (table, columns): (&ModelTable, &[&TableColumn]),
) -> Result<Vec<Statement>> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let shared = Shared::new(warehouse, dialect, false);
    let templates = Templates::new(library, dialect, &shared, false)?;
    let incremental = table.materialized == Materialization::Incremental;
    let model = dialect.literal(&table.name);
    let table = Table::model(warehouse, table, dialect);
    let mut added = Vec::new();
    for column in columns {
        let column = Column::value(column, dialect);
        let values = context! { table => Serde(&table), column };
        let text = templates.render("add_column.sql", values)?;
        added.extend(statements(&Source::new("add_column.sql", text), dialect)?);
    }
    if incremental {
        // Whatever was noted of a column of that name was about another one.
        let is_trait = |one: &&&TableColumn| one.place.is_some();
        let traits: Vec<_> =
            columns.iter().filter(is_trait).map(|one| Column::value(one, dialect)).collect();
        // A column that every row has a value for comes with the whole table; a trait by itself.
        let template = if traits.len() < columns.len() { "forget" } else { "forget_traits" };
        let template = format!("migrate/{template}.sql");
        let text = templates.render(&template, context! { model, traits })?;
        added.extend(statements(&Source::new(&template, text), dialect)?);
    }
    Ok(added)
}
