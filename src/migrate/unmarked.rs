//! What a migration takes away without saying so, and what it says without doing it. Written by hand, the directive is
//! easily forgotten, and without it nobody would be asked. What no migration may do is refused whatever it says.

use std::collections::BTreeSet;

use super::directive::{dotted, undotted};
use super::file::MigrationStatement;
use super::name::FileName;
use super::ours::InFile;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::render::{Given, How, Taken};

/// What is wrong with what the statements of a file do.
pub(super) fn unmarked(
    file: &FileName,
    statements: &[MigrationStatement],
    dialect: &Dialect,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let in_file = InFile::new(statements, dialect);
    for (index, one) in statements.iter().enumerate() {
        problems.extend(one.statement.session.iter().map(|what| session(what, one)));
        let is_bare =
            |name: &&String| !in_file.is_temporary(name, index) && !is_work_name(name, dialect);
        problems.extend(one.statement.bare.iter().filter(is_bare).map(|name| bare(name, one)));
        for taken in undeclared(file, &in_file, (index, one), dialect) {
            // What has no schema is told above, or is gone with the session.
            let is_bare =
                matches!(taken.name.first(), Some(name) if one.statement.bare.contains(name));
            // What a type holds depends on what was there before, which is looked at with that.
            let is_type = matches!(taken.how, How::Type { .. });
            if !is_bare && !is_type {
                problems.push(problem(file, taken, one));
            }
        }
        problems.extend(idle(file, one));
    }
    problems
}

/// What a statement of a file takes away that needs a `destructive` in front of it and has none.
pub(super) fn undeclared<'a>(
    file: &FileName,
    in_file: &InFile<'_>,
    (index, one): (usize, &'a MigrationStatement),
    dialect: &Dialect,
) -> Vec<&'a Taken> {
    let mut found: Vec<&Taken> = Vec::new();
    for taken in &one.statement.takes {
        let is_told = found.iter().any(|told| told.name == taken.name);
        let may = || is_named(file, taken, one) || is_work(taken, dialect);
        if !is_told && !may() && !in_file.may(index, taken) {
            found.push(taken);
        }
    }
    found
}

/// The name that a directive calls what is taken away by: that of the file where it has none of its own.
pub(super) fn called(file: &FileName, taken: &Taken) -> String {
    if taken.name.is_empty() {
        return format!("{:04}_{}", file.number, file.name);
    }
    let parts: Vec<&str> = taken.name.iter().map(String::as_str).collect();
    dotted(&parts)
}

pub(super) fn is_named(file: &FileName, taken: &Taken, one: &MigrationStatement) -> bool {
    one.directives.destructive.iter().any(|object| is_it(file, taken, object))
}

fn is_it(file: &FileName, taken: &Taken, object: &str) -> bool {
    if taken.name.is_empty() {
        return called(file, taken) == object;
    }
    undotted(object).is_some_and(|parts| {
        parts.len() == taken.name.len()
            && parts.iter().zip(&taken.name).all(|(one, other)| one.to_lowercase() == *other)
    })
}

/// Whether it is a table for the time of the work.
pub(super) fn is_work(taken: &Taken, dialect: &Dialect) -> bool {
    let is_ours = |name: &String| dialect.is_beside(name) || is_work_name(name, dialect);
    let name = taken.name.get(1).or_else(|| taken.name.first());
    taken.is_temporary() || name.is_some_and(is_ours)
}

fn is_work_name(name: &str, dialect: &Dialect) -> bool {
    let prefix = &dialect.facts.work_tables.prefix;
    !prefix.is_empty() && name.starts_with(prefix.as_str())
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

pub(super) fn is_about(one: &MigrationStatement, schema: &str, table: &str) -> bool {
    let target = one.statement.target.as_ref();
    target.is_some_and(|one| one.name == table && one.schema.as_deref() == Some(schema))
}

/// What changes what all names mean, or who acts.
fn session(what: &str, one: &MigrationStatement) -> Diagnostic {
    Diagnostic::error("session-setting", format!("a migration changes no session: {what}"))
        .at(&one.place, "")
        .note("what the names behind it mean, and with whose rights they are used, would depend on it")
        .help("take it out and write every name with its schema")
}

fn bare(name: &str, one: &MigrationStatement) -> Diagnostic {
    Diagnostic::error("unqualified-name", format!("{name} is changed by a name without a schema"))
        .at(&one.place, "")
        .note("which object that is depends on the session: it may be anybody's")
        .help(format!("write it with its schema, as in acme.{name}"))
}

/// Directives about what their statement does not do.
fn idle<'a>(
    file: &'a FileName,
    one: &'a MigrationStatement,
) -> impl Iterator<Item = Diagnostic> + 'a {
    let takes = &one.statement.takes;
    let is_idle = move |object: &&String| !takes.iter().any(|taken| is_it(file, taken, object));
    one.directives.destructive.iter().filter(is_idle).map(move |object| {
        let found: BTreeSet<String> = takes.iter().map(|taken| called(file, taken)).collect();
        let found: Vec<String> = found.into_iter().collect();
        let diagnostic = Diagnostic::error(
            "destructive-idle",
            format!("the statement takes nothing away that is called {object}"),
        )
        .at(&one.place, "")
        .note("leave would be asked for something that does not happen");
        if found.is_empty() {
            diagnostic.help("take the directive out")
        } else {
            diagnostic
                .help(format!("take the directive out; what it changes is {}", found.join(", ")))
        }
    })
}

/// The message about something that is taken away.
pub(super) fn problem(file: &FileName, taken: &Taken, one: &MigrationStatement) -> Diagnostic {
    let object = called(file, taken);
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
        How::SomeRows => format!("rows of {object} are taken away"),
        How::Written(_) => format!("rows of {object} are written, which is no table of a model"),
        How::Name(to) => format!("{object} is renamed to {to}"),
        How::Object(kind) => format!("the {kind} {object} is taken away"),
        How::Rights => format!("rights are changed ({object})"),
        How::Unknown(what) => format!("nobody here can say what this does ({what}: {object})"),
        How::Type { .. } => format!("{object} gets a type that may not hold every value"),
    };
    let diagnostic =
        Diagnostic::error("destructive-unmarked", format!("{what}, and nothing says so"))
            .at(&one.place, "")
            .note("without the directive, `idgraph apply` would not ask for --allow-destructive");
    let diagnostic = match taken.cascades {
        true => diagnostic.note("CASCADE takes away whatever depends on it, too"),
        false => diagnostic,
    };
    diagnostic.help(format!(
        "write in front of it: -- idgraph: destructive {object}\nthen run `idgraph migrate sum`"
    ))
}
