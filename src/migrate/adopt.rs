//! What others made, or what was restored from a dump, is handed over to idgraph by name, after it was compared.

use super::directive::dotted;
use super::drift::{Difference, Drift, misfits, misfits_of_state};
use crate::diagnostic::{Diagnostic, Diagnostics, Result, meant};
use crate::dialect::Dialect;
use crate::engine::{Catalog, Found};
use crate::render::{Bookkeeping, Statement};
use crate::warehouse::{ModelTable, StateTable, Warehouse, state};

/// What is to be handed over.
#[derive(Debug)]
pub struct Adopted {
    /// Its name, as people write it.
    pub name: String,
    /// In what it is not what the project asks for, and can stay so.
    pub differences: Vec<Drift>,
    /// The statements that make it idgraph's.
    pub statements: Vec<Statement>,
}

/// What can be handed over: a model, or one of our own tables.
enum Wanted<'a> {
    Model(&'a ModelTable),
    State(StateTable),
}

impl Wanted<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Model(table) => &table.name,
            Self::State(table) => &table.name,
        }
    }

    fn misfits(&self, schema: &str, found: &Found, dialect: &Dialect) -> Vec<Drift> {
        match self {
            Self::Model(table) => misfits(schema, found, table, dialect),
            Self::State(table) => misfits_of_state(schema, found, table, dialect),
        }
    }
}

/// Compares what is named with what the project asks for, and says how to hand it over. `schema.*` names all that
/// idgraph made in the models schema before it was restored from a dump.
///
/// # Errors
/// With everything that is no model of the project, is not there, or is of another kind or another type.
pub fn adopt(
    names: &[String],
    warehouse: &Warehouse,
    dialect: &Dialect,
    catalog: &Catalog,
    books: &Bookkeeping<'_>,
) -> Result<Vec<Adopted>> {
    let schema = warehouse.models_schema.as_str();
    let models = warehouse.models.iter().map(Wanted::Model);
    let own = [Some(state::ledger()), Some(state::refreshes()), warehouse.watermarks.clone()];
    let known: Vec<Wanted<'_>> =
        models.chain(own.into_iter().flatten().map(Wanted::State)).collect();
    let found = |wanted: &Wanted<'_>| catalog.find(schema, wanted.name());
    let mut problems = catalog.distrust();
    let mut adopted: Vec<Adopted> = Vec::new();
    for name in names {
        let is_all = *name == format!("{}.*", dotted(&[schema]));
        let is_it = |one: &&Wanted<'_>| match is_all {
            true => found(one).is_some_and(|found| found.was_ours),
            false => dotted(&[schema, one.name()]) == *name,
        };
        let all: Vec<&Wanted<'_>> = known.iter().filter(is_it).collect();
        if all.is_empty() && !is_all {
            problems.push(unknown(name, schema, &known));
        }
        for wanted in all {
            let name = dotted(&[schema, wanted.name()]);
            let Some(found) = found(wanted) else {
                problems.push(
                    Diagnostic::error("adopt", format!("there is no {name} in the database"))
                        .help("leave it out: what is not there, idgraph makes itself"),
                );
                continue;
            };
            if found.is_ours || adopted.iter().any(|one| one.name == name) {
                continue;
            }
            if let Some(owner) = &found.owner {
                problems.push(anothers(&name, owner));
                continue;
            }
            let differences = wanted.misfits(schema, found, dialect);
            if differences.iter().any(|one| one.difference != Difference::Added) {
                problems.push(unfit(&name, &differences));
                continue;
            }
            match books.adopt(&found.name)? {
                Some(statements) => adopted.push(Adopted { name, differences, statements }),
                None => problems.push(signed(&name, dialect)),
            }
        }
    }
    Diagnostics::check(problems)?;
    Ok(adopted)
}

fn unknown(name: &str, schema: &str, known: &[Wanted<'_>]) -> Diagnostic {
    let known: Vec<String> = known.iter().map(|one| dotted(&[schema, one.name()])).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Diagnostic::error("adopt", format!("{name} is no model of the project"))
        .note("only models are handed over: landed tables stay Segment's")
        .help(meant(name, &known))
}

fn anothers(name: &str, owner: &str) -> Diagnostic {
    Diagnostic::error("adopt", format!("{name} belongs to {owner}, and not to the user that idgraph connects as"))
        .note("its owner may put code on it, which would run with idgraph's rights, and idgraph could not change it")
        .help(format!(
            "let {owner} or an administrator give it to that user (ALTER … {name} OWNER TO …), or have the role {owner} granted to it"
        ))
}

fn unfit(name: &str, differences: &[Drift]) -> Diagnostic {
    let problem = Diagnostic::error("adopt", format!("{name} is not what the project asks for"));
    let problem = differences.iter().fold(problem, |all, one| all.note(one.to_string()));
    problem.help("make it fit, or move it away and let idgraph build its own")
}

fn signed(name: &str, dialect: &Dialect) -> Diagnostic {
    let message = format!("{name} cannot be handed over on {}", dialect.facts.title);
    Diagnostic::error("adopt", message)
        .note("there the sign of ownership is part of the statement that made the table")
        .help("rename the table and let idgraph build its own")
}
