//! What a migration takes away without saying so, and what it says without doing it. Written by hand, the directive is
//! easily forgotten, and without it nobody would be asked. What no migration may do is refused whatever it says.

use std::collections::{BTreeSet, HashSet};

use super::books::filled;
use super::directive::unquoted;
use super::file::{MigrationFile, MigrationStatement};
use super::ground::{Whose, is_work_name};
use super::name::FileName;
use super::ours::{InFile, Leave};
use super::through_view::Views;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::render::{Given, How, Refused, Taken, is_temporary};

/// What is wrong with what the statements of a file do.
pub(super) fn unmarked(file: &MigrationFile, dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let in_file = InFile::new(file, dialect);
    let filled = filled(&file.statements);
    for (index, one) in file.statements.iter().enumerate() {
        problems.extend(one.statement.refused.iter().filter_map(|what| never(what, one)));
        let is_bare =
            |name: &&String| !in_file.is_temporary(name, index) && !is_work_name(name, dialect);
        problems.extend(one.statement.bare.iter().filter(is_bare).map(|name| bare(name, one)));
        let (refused, said) = refused((file, &filled), (index, one), dialect);
        problems.extend(said);
        let mut asked = undeclared(&file.name, &in_file, (index, one), dialect);
        asked.retain(|taken| {
            // What has no schema is told above, or is gone with the session.
            let is_bare =
                matches!(taken.exact.first(), Some(name) if one.statement.bare.contains(name));
            // What a type holds depends on what was there before, which is looked at with that.
            let is_type = matches!(taken.how, How::Type { .. });
            let is_refused = taken.exact.get(..2).is_some_and(|name| refused.contains(name))
                || refused.contains(&taken.exact);
            !is_bare && !is_type && !is_refused
        });
        match asked.len() {
            0..=SHOWN => {
                let said = asked.iter().map(|taken| problem(&file.name, taken, one, dialect));
                problems.extend(said);
            }
            _ => problems.push(many(&file.name, &asked, one, dialect)),
        }
        problems.extend(idle(&file.name, one, &in_file.reads(index), dialect));
    }
    problems.extend(Views::default().written(file, dialect));
    problems
}

/// What no directive lets a migration change: what Segment lands, and what idgraph notes of its own work.
fn refused(
    (file, filled): (&MigrationFile, &HashSet<&str>),
    (index, one): (usize, &MigrationStatement),
    dialect: &Dialect,
) -> (HashSet<Vec<String>>, Vec<Diagnostic>) {
    let statement = &one.statement;
    let taken = statement.takes.iter().filter(|taken| !matches!(taken.how, How::Unknown(_)));
    let taken = taken.filter_map(|taken| taken.exact.get(..2)).map(<[String]>::to_vec);
    let all: BTreeSet<Vec<String>> = statement.touches.iter().cloned().chain(taken).collect();
    // An index has no table in its name.
    let of_models = |taken: &&Taken| {
        taken.how == How::Object("index") && file.ground.is_index_of_model(&taken.exact)
    };
    let indexes: HashSet<&[String]> =
        statement.takes.iter().filter(of_models).map(|taken| taken.exact.as_slice()).collect();
    let (mut landed, mut books) = (Vec::new(), Vec::new());
    for name in all.into_iter().filter(|name| !indexes.contains(name.as_slice())) {
        match file.ground.whose(&name, dialect) {
            Whose::Segments => landed.push(name),
            Whose::Books => books.push(name),
            _ => {}
        }
    }
    let is_landed = |name: &&Vec<String>| file.ground.whose(name, dialect) == Whose::Segments;
    landed.extend(statement.locks.iter().filter(is_landed).cloned());
    // The schema itself.
    let space = statement.refused.iter().filter_map(|what| match what {
        Refused::Schema(name) => file.ground.is_space(name).then_some(name),
        Refused::NewSchema(name) => {
            (file.ground.is_space(name) && !file.ground.has_models(name)).then_some(name)
        }
        _ => None,
    });
    landed.extend(space.map(|name| vec![name.clone()]));
    if !books.is_empty()
        && file.ground.is_generated((index, one), (&file.statements, filled), dialect)
    {
        books.clear();
    }
    let shown = |names: &[Vec<String>]| {
        let names: Vec<String> = names.iter().map(|name| dialect.dotted(name)).collect();
        some(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut said = Vec::new();
    if !landed.is_empty() {
        said.push(segments(&shown(&landed), one));
    }
    if !books.is_empty() {
        said.push(booked(&shown(&books), one));
    }
    (landed.into_iter().chain(books).collect(), said)
}

/// What a statement of a file takes away that needs a `destructive` in front of it and has none.
pub(super) fn undeclared(
    file: &FileName,
    in_file: &InFile<'_>,
    (index, one): (usize, &MigrationStatement),
    dialect: &Dialect,
) -> Vec<Taken> {
    let named = Named::of(file, one, dialect);
    let mut told: HashSet<&[String]> = HashSet::new();
    let reads = in_file.reads(index);
    let mut found = Vec::new();
    for taken in one.statement.takes.iter().chain(&reads) {
        // No name lets a whole schema go.
        let may = taken.how != How::Schema
            && (named.has(taken)
                || is_work(taken, |schema| in_file.has_models(schema), dialect)
                || in_file.may(index, taken) != Leave::Asked);
        if !may && told.insert(&taken.exact) {
            found.push(taken.clone());
        }
    }
    found
}

/// The name that a directive calls what is taken away by: that of the file where it has none of its own.
pub(super) fn called(file: &FileName, taken: &Taken, dialect: &Dialect) -> String {
    if taken.exact.is_empty() { own_name(file) } else { dialect.dotted(&taken.exact) }
}

fn own_name(file: &FileName) -> String {
    format!("{:04}_{}", file.number, file.name)
}

/// What the directives in front of a statement name.
struct Named {
    names: HashSet<Vec<String>>,
    file: bool,
}

impl Named {
    fn of(file: &FileName, one: &MigrationStatement, dialect: &Dialect) -> Self {
        let all = &one.directives.destructive;
        let own = own_name(file);
        let names = all.iter().filter_map(|object| unquoted(object, dialect)).collect();
        Self { names, file: all.contains(&own) }
    }

    fn has(&self, taken: &Taken) -> bool {
        if taken.exact.is_empty() { self.file } else { self.names.contains(&taken.exact) }
    }
}

pub(super) fn is_named(
    file: &FileName,
    taken: &Taken,
    one: &MigrationStatement,
    dialect: &Dialect,
) -> bool {
    !one.directives.destructive.is_empty() && Named::of(file, one, dialect).has(taken)
}

/// Whether it is a table for the time of the work, among the models where it has a schema.
pub(super) fn is_work(taken: &Taken, has_models: impl Fn(&str) -> bool, dialect: &Dialect) -> bool {
    let is_among = || match taken.exact.as_slice() {
        [schema, name, ..] => has_models(schema) && is_work_name(name, dialect),
        [name] => is_work_name(name, dialect),
        [] => false,
    };
    taken.is_of_table() && (is_temporary(&taken.exact, dialect) || is_among())
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

/// What no migration does, wherever it stands.
fn never(what: &Refused, one: &MigrationStatement) -> Option<Diagnostic> {
    match what {
        Refused::Session(what) => Some(session(what, one)),
        Refused::All(what) => Some(all(what, one)),
        Refused::Copy => Some(copy(one)),
        Refused::Schema(_) | Refused::NewSchema(_) => None,
    }
}

/// What is about every table.
fn all(what: &str, one: &MigrationStatement) -> Diagnostic {
    let problem = format!("{what} without a table's name is about all of them");
    Diagnostic::error("unqualified-name", problem)
        .at(&one.place, "")
        .note("where Segment lands and what others have in the database is theirs")
        .help(format!("name the table with its schema, as in {what} acme.profile_traits"))
}

/// Rows that come from whoever runs a file, or go there.
fn copy(one: &MigrationStatement) -> Diagnostic {
    Diagnostic::error("copy-in-migration", "a migration copies no rows from STDIN or to STDOUT")
        .at(&one.place, "")
        .note("there is nothing but SQL in it, and nobody at the other end when `idgraph apply` runs it")
        .help("write rows as INSERT; load files into a table of your own before, outside of migrations")
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

fn segments(name: &str, one: &MigrationStatement) -> Diagnostic {
    Diagnostic::error(
        "landed-touched",
        format!("a migration leaves {name} alone: that is where Segment lands"),
    )
    .at(&one.place, "")
    .note("landed tables are read and never made, changed, described, locked, indexed or dropped")
    .help("take it out; what is to be yours goes into another schema")
}

fn booked(name: &str, one: &MigrationStatement) -> Diagnostic {
    Diagnostic::error("bookkeeping", format!("{name}: idgraph's own record, and this is not how idgraph writes it"))
        .at(&one.place, "")
        .note("what stands there decides which tables idgraph takes for its own and which rows it never reads again")
        .help("take it out; `idgraph migrate new` writes what a migration has to note")
}

/// Directives about what their statement does not do.
fn idle(
    file: &FileName,
    one: &MigrationStatement,
    reads: &[Taken],
    dialect: &Dialect,
) -> Vec<Diagnostic> {
    if one.directives.destructive.is_empty() {
        return Vec::new();
    }
    let takes = || one.statement.takes.iter().chain(reads);
    let names: HashSet<&[String]> = takes().map(|taken| taken.exact.as_slice()).collect();
    let own = own_name(file);
    let is_idle = |object: &&String| {
        let is_file = **object == own && names.contains(&[][..]);
        let is_it = |name: Vec<String>| !name.is_empty() && names.contains(name.as_slice());
        !is_file && !unquoted(object, dialect).is_some_and(is_it)
    };
    let idle: Vec<&String> = one.directives.destructive.iter().filter(is_idle).collect();
    if idle.is_empty() {
        return Vec::new();
    }
    let found: BTreeSet<String> = takes().map(|taken| called(file, taken, dialect)).collect();
    let found: Vec<String> = found.into_iter().collect();
    let called = some(&idle.into_iter().map(String::as_str).collect::<Vec<_>>());
    let diagnostic = Diagnostic::error(
        "destructive-idle",
        format!("the statement takes nothing away that is called {called}"),
    )
    .at(&one.place, "")
    .note("leave would be asked for something that does not happen");
    vec![match found.is_empty() {
        true => diagnostic.help("take the directive out"),
        false => {
            let found = some(&found.iter().map(String::as_str).collect::<Vec<_>>());
            diagnostic.help(format!("take the directive out; what it changes is {found}"))
        }
    }]
}

/// The message about more than a few things that one statement takes away.
fn many(
    file: &FileName,
    taken: &[Taken],
    one: &MigrationStatement,
    dialect: &Dialect,
) -> Diagnostic {
    let lines: String = taken
        .iter()
        .map(|taken| format!("-- idgraph: destructive {}\n", called(file, taken, dialect)))
        .collect();
    let what =
        format!("{} things are taken away or written over, and nothing says so", taken.len());
    Diagnostic::error("destructive-unmarked", what)
        .at(&one.place, "")
        .note("without the directives, `idgraph apply` would not ask for --allow-destructive")
        .help(format!("write in front of it:\n{lines}then run `idgraph migrate sum`"))
}

/// How many names a message lists.
const SHOWN: usize = 10;

/// The first few names, and how many more there are.
fn some(all: &[&str]) -> String {
    let shown = all.get(..SHOWN.min(all.len())).unwrap_or_default().join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The message about something that is taken away.
pub(super) fn problem(
    file: &FileName,
    taken: &Taken,
    one: &MigrationStatement,
    dialect: &Dialect,
) -> Diagnostic {
    let object = called(file, taken, dialect);
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
        How::Added => format!("rows of {object} are written, which is no table of a model"),
        How::Changed(_) => format!("values of {object} may be written over"),
        How::Replaced => format!("a view {object} that may be there is replaced"),
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
