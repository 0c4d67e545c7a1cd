//! What was granted on a view that a migration drops and makes again: it is put back.

use std::collections::BTreeMap;

use super::check::Checked;
use super::file::MigrationStatement;
use super::unmarked::is_about;
use crate::diagnostic::Result;
use crate::engine::Engine;
use crate::render::{Action, How};

/// By the number of the statement that makes a view again, counted from 0, the statements that put back what is granted on
/// the one that stands there.
///
/// # Errors
/// When the database cannot be read.
pub fn granted(engine: &mut dyn Engine, checked: &Checked) -> Result<BTreeMap<usize, Vec<String>>> {
    let mut all = BTreeMap::new();
    let statements = &checked.run.file.statements;
    for (index, one) in statements.iter().enumerate().skip(checked.run.done) {
        if checked.skipped.get(index).is_some_and(Option::is_some) {
            continue;
        }
        for taken in one.statement.takes.iter().filter(|taken| taken.how == How::View) {
            let [schema, view] = taken.name.as_slice() else { continue };
            let Some(again) = made_again(statements, index, schema, view) else { continue };
            let grants = engine.grants(schema, view)?;
            if !grants.is_empty() {
                all.insert(again, grants);
            }
        }
    }
    Ok(all)
}

/// The statement behind another that makes a view.
fn made_again(
    statements: &[MigrationStatement],
    behind: usize,
    schema: &str,
    view: &str,
) -> Option<usize> {
    let makes = |one: &MigrationStatement| {
        is_about(one, schema, view)
            && one.statement.action == Action::CreateView
            && !one.statement.takes.iter().any(|taken| taken.how == How::View)
    };
    statements.iter().enumerate().skip(behind + 1).find(|(_, one)| makes(one)).map(|(at, _)| at)
}
