//! What a migration takes away without saying so: written by hand, the directive is easily forgotten, and without it
//! nobody would be asked.

use super::directive::{dotted, undotted};
use super::file::MigrationStatement;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::render::{Action, Given, How, Taken};

/// What each statement takes away that no `destructive` in front of it names.
pub(super) fn unmarked(statements: &[MigrationStatement], dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, one) in statements.iter().enumerate() {
        let rest = statements.get(index + 1..).unwrap_or_default();
        let before = statements.get(..index).unwrap_or_default();
        for taken in &one.statement.takes {
            // What a type holds depends on what was there before, which is looked at with that.
            let is_type = matches!(taken.how, How::Type { .. });
            if !is_type
                && !is_named(taken, one)
                && !is_work(taken, dialect)
                && !is_made_again(taken, before, rest)
            {
                problems.push(problem(taken, one));
            }
        }
    }
    problems
}

pub(super) fn is_named(taken: &Taken, one: &MigrationStatement) -> bool {
    one.directives.destructive.iter().filter_map(|object| undotted(object)).any(|parts| {
        parts.len() == taken.name.len()
            && parts.iter().zip(&taken.name).all(|(one, other)| one.to_lowercase() == *other)
    })
}

/// Whether it is a table for the time of the work.
pub(super) fn is_work(taken: &Taken, dialect: &Dialect) -> bool {
    let prefix = &dialect.facts.work_tables.prefix;
    let is_ours =
        |name: &String| dialect.is_beside(name) || (!prefix.is_empty() && name.starts_with(prefix));
    taken.is_temporary() || taken.name.get(1).is_some_and(is_ours)
}

/// Whether the same file brings it back: a view with another query, rows computed anew, values in a column that takes
/// the old one's place.
fn is_made_again(
    taken: &Taken,
    before: &[MigrationStatement],
    rest: &[MigrationStatement],
) -> bool {
    let [schema, table, column @ ..] = taken.name.as_slice() else { return false };
    let about = |one: &&MigrationStatement| is_about(one, schema, table);
    let mut rest = rest.iter().filter(about);
    match (&taken.how, column) {
        (How::View, _) => rest.any(|one| {
            one.statement.action == Action::CreateView && one.statement.takes.is_empty()
        }),
        (How::Rows, _) => rest.any(|one| one.statement.action == Action::Insert),
        // Moved aside, its values taken over, dropped.
        (How::Column, [_]) => {
            replacing(taken, before).is_some()
                && before
                    .iter()
                    .filter(about)
                    .any(|one| one.statement.code().starts_with("update "))
        }
        _ => false,
    }
}

/// The column that was added in the place of one that was moved aside before.
pub(super) fn replacing(taken: &Taken, before: &[MigrationStatement]) -> Option<String> {
    let [schema, table, aside] = taken.name.as_slice() else { return None };
    let about = |one: &&MigrationStatement| is_about(one, schema, table);
    let gives = || before.iter().filter(about).flat_map(|one| &one.statement.gives);
    let column = gives().find_map(|given| match given {
        Given::ColumnName { was, is } if is == aside => Some(was),
        _ => None,
    })?;
    let is_it = |given: &Given| matches!(given, Given::Column { name, .. } if name == column);
    gives().any(is_it).then(|| column.clone())
}

fn is_about(one: &MigrationStatement, schema: &str, table: &str) -> bool {
    let target = one.statement.target.as_ref();
    target.is_some_and(|one| one.name == table && one.schema.as_deref() == Some(schema))
}

/// The message about something that is taken away.
pub(super) fn problem(taken: &Taken, one: &MigrationStatement) -> Diagnostic {
    let parts: Vec<&str> = taken.name.iter().map(String::as_str).collect();
    let object = dotted(&parts);
    let what = match &taken.how {
        How::Schema => {
            return Diagnostic::error("destructive-unmarked", "a migration drops no schema")
                .at(&one.place, format!("all that is in {object} would be gone"))
                .help("drop what is idgraph's in it by name, each under a directive");
        }
        How::Table => format!("the table {object} is taken away"),
        How::View => format!("the view {object} is taken away"),
        How::Column => format!("the column {object} is taken away"),
        How::Rows => format!("all rows of {object} are taken away"),
        How::Type { .. } => format!("{object} gets a type that may not hold every value"),
    };
    let diagnostic =
        Diagnostic::error("destructive-unmarked", format!("{what}, and nothing says so"))
            .at(&one.place, "")
            .note("without the directive, `idgraph apply` would not ask for --allow-destructive");
    diagnostic.help(format!(
        "write in front of it: -- idgraph: destructive {object}\nthen run `idgraph migrate sum`"
    ))
}
