//! Columns that get a type which may not hold all of their values, and nothing says so. What type a column has so far
//! decides: as the files before have left it, or as the database says.

use super::file::{MigrationFile, MigrationStatement};
use super::name::FileName;
use super::standing::play;
use super::unmarked::{is_named, is_work, problem, replacing};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::engine::Catalog;
use crate::render::{How, Taken};

/// What the files of a folder, sorted by name, narrow without a word.
pub(super) fn narrowed_in(files: &[MigrationFile], dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut standing = Catalog::of_statements();
    for file in files {
        if file.name.is_down {
            // The way back begins where the way forward ends, and nothing comes behind it.
            if may_narrow(&file.name, &file.statements, dialect) {
                problems.extend(narrowed(file, &mut standing.clone(), dialect));
            }
        } else {
            problems.extend(narrowed(file, &mut standing, dialect));
        }
    }
    problems
}

fn narrowed(file: &MigrationFile, standing: &mut Catalog, dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, one) in file.statements.iter().enumerate() {
        let before = file.statements.get(..index).unwrap_or_default();
        problems.extend(narrowed_by(&file.name, one, before, standing, dialect));
        play(&one.statement, standing);
    }
    problems
}

/// Whether it depends on types if statements take something away.
pub(super) fn may_narrow(
    file: &FileName,
    statements: &[MigrationStatement],
    dialect: &Dialect,
) -> bool {
    let depends = |taken: &Taken, one: &MigrationStatement| {
        matches!(taken.how, How::Column | How::Type { .. })
            && !is_named(file, taken, one, dialect)
            && !is_work(taken, |_| true, dialect)
    };
    statements.iter().any(|one| one.statement.takes.iter().any(|taken| depends(taken, one)))
}

/// What a statement narrows without a word, where `before` it in its file has run and `standing` is what that left.
pub(super) fn narrowed_by(
    file: &FileName,
    one: &MigrationStatement,
    before: &[MigrationStatement],
    standing: &Catalog,
    dialect: &Dialect,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for taken in &one.statement.takes {
        let [schema, table, column] = taken.name.as_slice() else { continue };
        if is_named(file, taken, one, dialect) || is_work(taken, |_| true, dialect) {
            continue;
        }
        let found = standing.find_lower(schema, table);
        let sql_type = |name: &str| {
            let is_it = |had: &str| had.to_lowercase() == *name;
            let found = found?.columns.iter().find(|one| is_it(&one.name))?;
            Some(found.sql_type.as_str())
        };
        let was = sql_type(column);
        let (becomes, is_computed) = match &taken.how {
            How::Type { sql_type, is_computed } => (Some(sql_type.as_str()), *is_computed),
            // Moved aside: what holds its values from now on has the type that counts.
            How::Column => match replacing(taken, before) {
                Some(other) => (sql_type(&other), false),
                None => continue,
            },
            _ => continue,
        };
        let why = match (was, becomes) {
            (Some(was), Some(becomes)) if dialect.keeps_values(was, becomes) => {
                if !is_computed {
                    continue;
                }
                "its values are computed by an expression, not only cast".to_owned()
            }
            (Some(was), Some(becomes)) => {
                format!("it is {was} so far and becomes {becomes}").to_lowercase()
            }
            _ => "what type it has so far is not known here".to_owned(),
        };
        problems.push(problem(file, taken, one, dialect).note(why));
    }
    problems
}
