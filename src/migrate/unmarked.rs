//! What a migration takes away without saying so: written by hand, the directive is easily forgotten, and without it
//! nobody would be asked.

use super::directive::{dotted, undotted};
use super::file::MigrationStatement;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::render::{Action, How, Taken};

/// What each statement takes away that no `destructive` in front of it names.
pub(super) fn unmarked(statements: &[MigrationStatement], dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, one) in statements.iter().enumerate() {
        let rest = statements.get(index + 1..).unwrap_or_default();
        let before = statements.get(..index).unwrap_or_default();
        for taken in &one.statement.takes {
            if !is_named(taken, one)
                && !is_work(taken, dialect)
                && !is_made_again(taken, before, rest)
                && !is_widened(taken, dialect)
            {
                problems.push(problem(taken, one));
            }
        }
    }
    problems
}

fn is_named(taken: &Taken, one: &MigrationStatement) -> bool {
    one.directives.destructive.iter().filter_map(|object| undotted(object)).any(|parts| {
        parts.len() == taken.name.len()
            && parts.iter().zip(&taken.name).all(|(one, other)| one.to_lowercase() == *other)
    })
}

/// Whether it is a table for the time of the work.
fn is_work(taken: &Taken, dialect: &Dialect) -> bool {
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
    let about = |one: &&MigrationStatement| {
        one.statement
            .target
            .as_ref()
            .is_some_and(|target| target.name == *table && target.schema.as_ref() == Some(schema))
    };
    let mut rest = rest.iter().filter(about);
    match (&taken.how, column) {
        (How::View, _) => rest.any(|one| {
            one.statement.action == Action::CreateView && one.statement.takes.is_empty()
        }),
        (How::Rows, _) => rest.any(|one| one.statement.action == Action::Insert),
        // Moved aside, its values taken over, dropped.
        (How::Column, [column]) => {
            let aside = format!(" to {column}");
            let mut before = before.iter().filter(about);
            before.any(|one| code(one).ends_with(&aside))
                && before.any(|one| code(one).contains(" add column "))
                && before.any(|one| code(one).starts_with("update "))
        }
        _ => false,
    }
}

/// The statement in one line, in lower case, without comments and quotes.
fn code(one: &MigrationStatement) -> String {
    let lines = one.statement.sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ").to_lowercase().replace(['"', '`'], "")
}

/// Whether a column is given a type that some type of the dialect can become, all values kept.
fn is_widened(taken: &Taken, dialect: &Dialect) -> bool {
    let How::Type(sql_type) = &taken.how else { return false };
    let same = |one: &str| {
        let plain = |text: &str| text.to_lowercase().replace(char::is_whitespace, "");
        plain(one) == plain(sql_type)
    };
    let facts = &dialect.facts;
    facts
        .types
        .iter()
        .any(|(logical, name)| same(name) && facts.widens.values().any(|to| to.contains(logical)))
}

fn problem(taken: &Taken, one: &MigrationStatement) -> Diagnostic {
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
        How::Type(_) => format!("{object} gets a type that may not hold every value"),
    };
    let diagnostic =
        Diagnostic::error("destructive-unmarked", format!("{what}, and nothing says so"))
            .at(&one.place, "")
            .note("without the directive, `idgraph apply` would not ask for --allow-destructive");
    diagnostic.help(format!(
        "write in front of it: -- idgraph: destructive {object}\nthen run `idgraph migrate sum`"
    ))
}
