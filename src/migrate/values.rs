//! What a change of type does to the values that are there: where a database is at hand, it is asked.

use std::collections::BTreeMap;

use super::pending::Run;
use super::unmarked::{called, replacing};
use crate::diagnostic::Result;
use crate::dialect::Dialect;
use crate::engine::{Catalog, Cell, Engine, Found};
use crate::project::LogicalType;
use crate::render::{Given, How};

/// The whole numbers up to which every one is a float of its own.
const EXACT: &str = "9007199254740992";

/// For each column of whole numbers that becomes one of floats and does not hold all of them, by the name that a directive
/// calls it, how many values are another number then.
///
/// # Errors
/// When the database cannot be read.
pub fn rounded(
    engine: &mut dyn Engine,
    runs: &[Run],
    catalog: &Catalog,
    dialect: &Dialect,
) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for run in runs {
        let statements = &run.file.statements;
        for (index, one) in statements.iter().enumerate().skip(run.done) {
            for taken in &one.statement.takes {
                let [schema, table, column] = taken.name.as_slice() else { continue };
                let before = statements.get(..index).unwrap_or_default();
                let (column, becomes) = match &taken.how {
                    How::Type { sql_type, .. } => (column.clone(), sql_type.clone()),
                    How::Column => match replacing(taken, before).and_then(|column| {
                        let mut gives = before.iter().flat_map(|one| &one.statement.gives).rev();
                        let sql_type = gives.find_map(|given| given_type(given, &column));
                        sql_type.map(|sql_type| (column.clone(), sql_type))
                    }) {
                        Some(replaced) => replaced,
                        None => continue,
                    },
                    _ => continue,
                };
                let Some(found) = catalog.find_lower(schema, table) else { continue };
                if let Some(sql) = question((schema, found), &column, &becomes, dialect) {
                    let count = count(engine, &sql)?;
                    all.insert(called(&run.file.name, taken, dialect), said(count, &becomes));
                }
            }
        }
    }
    Ok(all)
}

fn given_type(given: &Given, column: &str) -> Option<String> {
    match given {
        Given::Column { name, sql_type } if name == column => Some(sql_type.clone()),
        _ => None,
    }
}

/// The query that counts the values that would become others; `None` where no value would, or any might.
fn question(
    (schema, found): (&str, &Found),
    column: &str,
    becomes: &str,
    dialect: &Dialect,
) -> Option<String> {
    let column = found.columns.iter().find(|one| one.name.to_lowercase() == *column)?;
    let is = |sql_type: &str, logical| dialect.logical_type(sql_type) == Some(logical);
    if !is(&column.sql_type, LogicalType::Integer)
        || !is(becomes, LogicalType::Float)
        || dialect.keeps_values(&column.sql_type, becomes)
    {
        return None;
    }
    let (table, name) = (dialect.qualified(schema, &found.name), dialect.identifier(&column.name));
    Some(format!("SELECT count(*) FROM {table} WHERE {name} > {EXACT} OR {name} < -{EXACT}"))
}

fn count(engine: &mut dyn Engine, sql: &str) -> Result<i64> {
    let rows = engine.query(sql)?.rows;
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Cell::Integer(count)) => *count,
        Some(Cell::Text(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    })
}

fn said(count: i64, becomes: &str) -> String {
    let becomes = becomes.to_lowercase();
    match count {
        0 => {
            format!("all values that are there now are the same as {becomes}: none is beyond 2^53")
        }
        1 => {
            format!("1 value that is there now is beyond 2^53 and becomes another one as {becomes}")
        }
        many => format!(
            "{many} values that are there now are beyond 2^53, where {becomes} does not hold every one"
        ),
    }
}
