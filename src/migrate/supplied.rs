//! Landed tables of a sandbox: those that idgraph made get the columns that a migration reads, as Segment's get them from
//! Segment. Of a table that no record calls ours nothing is changed.

use super::directive::{Need, dotted};
use super::drift::is_read_as;
use super::record::landed_column;
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::engine::{Catalog, Found, FoundColumn};
use crate::render::{Changes, Statement};

/// What gives landed tables of our own what a statement needs; the catalog is as it will be then.
///
/// # Errors
/// When a template is wrong.
pub(super) fn supply(
    needs: &[Need],
    catalog: &mut Catalog,
    changes: &Changes<'_>,
    dialect: &Dialect,
) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for need in needs {
        let Some(logical_type) = need.logical_type else { continue };
        let (schema, table) = (need.schema.to_lowercase(), need.table.to_lowercase());
        let found = catalog.find_lower_mut(&schema, &table);
        let Some(found) = found.filter(|found| found.is_ours) else { continue };
        let wanted = dialect.sql_type(logical_type);
        let column = landed_column(&need.column, logical_type);
        let had = had(found, &need.column);
        let old = match &had {
            None => None,
            Some(sql_type) if is_read_as(sql_type, wanted, dialect) => continue,
            Some(sql_type) => {
                let Some(old) = dialect.logical_type(sql_type) else { continue };
                Some(landed_column(&need.column, old))
            }
        };
        let name = found.name.clone();
        statements.extend(changes.landed((&need.schema, &name), (&column, old.as_ref()))?);
        found.columns.retain(|one| !one.name.eq_ignore_ascii_case(&need.column));
        let (name, sql_type) = (need.column.clone(), wanted.to_owned());
        found.columns.push(FoundColumn { name, sql_type });
    }
    Ok(statements)
}

fn had(found: &Found, column: &str) -> Option<String> {
    found.column(column).map(|column| column.sql_type.clone())
}

impl Need {
    /// The column as people write it.
    pub fn name(&self) -> String {
        dotted(&[&self.schema, &self.table, &self.column])
    }
}
