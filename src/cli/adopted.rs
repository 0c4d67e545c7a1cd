//! `idgraph apply --adopt`: what others made, or what was restored from a dump, is idgraph's from now on.

use super::build::{Options, look};
use super::confirm::{Agreed, Change, Consent, Proposal};
use super::{Opened, Verdict, output};
use crate::diagnostic::{Diagnostics, Result};
use crate::engine::{self, Access, Engine, Interrupt};
use crate::migrate::{Adopted, adopt};
use crate::render::{Bookkeeping, Statement};
use crate::warehouse::Warehouse;

/// What is handed over, and all that is run for it.
struct Seen {
    adopted: Vec<Adopted>,
    statements: Vec<Statement>,
}

pub(super) fn run(
    opened: &Opened,
    options: &Options,
    names: &[String],
    consent: Consent,
) -> Result<Verdict> {
    let warehouse = Warehouse::of(&opened.project);
    let interrupt = Interrupt::of_process();
    let access = if options.dry_run { Access::Pretend } else { Access::Change };
    let change = Change { opened, options, consent, interrupt: &interrupt };
    let see = |engine: &mut dyn Engine| see(opened, &warehouse, names, engine);
    let agreed = change.agreed(see, proposal)?;
    if matches!(agreed, Agreed::ToNothing(_)) {
        return Ok(agreed.verdict());
    }
    let mut engine = engine::connect(&opened.project, &opened.target, access)?;
    change.with_patience(engine.as_mut(), |engine| {
        let seen = change.locked(engine, &agreed, see, proposal)?;
        output::message(format_args!("{}", shown(&seen.adopted).trim_end()));
        hand_over(engine, &seen, options.dry_run, &interrupt)
    })?;
    if options.dry_run {
        output::message(format_args!("rolled back: nothing changed"));
    }
    Ok(Verdict::Fine)
}

/// Runs what hands the tables over, in the transaction that has the lock; a dry run shows it and takes it back.
fn hand_over(
    engine: &mut dyn Engine,
    seen: &Seen,
    is_dry: bool,
    interrupt: &Interrupt,
) -> Result<()> {
    let end = if is_dry { "ROLLBACK" } else { "COMMIT" };
    let mut script: Vec<String> = seen.statements.iter().map(|one| one.sql.clone()).collect();
    script.push(end.to_owned());
    if is_dry {
        for sql in engine.begin_script().iter().chain(&script) {
            output::text(&format!("{sql};\n\n"))?;
        }
    }
    let begin = engine.begin_sql();
    let run = |engine: &mut dyn Engine| {
        engine.execute(begin)?;
        script
            .iter()
            .try_for_each(|sql| interrupt.check().and_then(|()| engine.execute(sql)).map(|_| ()))
    };
    let done = run(engine);
    if done.is_err() {
        // The connection may be gone; then the database has rolled back by itself.
        let _ = engine.execute("ROLLBACK");
    }
    done
}

/// Compares what is named with what the project asks for.
fn see(
    opened: &Opened,
    warehouse: &Warehouse,
    names: &[String],
    engine: &mut dyn Engine,
) -> Result<Seen> {
    let found = look(opened, warehouse, engine)?;
    let (catalog, dialect) = (&found.catalog, &found.dialect);
    Diagnostics::check(catalog.distrust())?;
    let books = Bookkeeping::new(&found.warehouse, dialect, &opened.library)?;
    let adopted = adopt(names, &found.warehouse, dialect, catalog, &books)?;
    let mut statements = Vec::new();
    let record = books.objects().filter(|table| {
        !adopted.is_empty() && catalog.find(&warehouse.models_schema, &table.name).is_none()
    });
    if let Some(record) = record {
        statements.extend(books.create(record)?);
    }
    statements.extend(adopted.iter().flat_map(|one| one.statements.clone()));
    Ok(Seen { adopted, statements })
}

fn proposal(seen: &Seen) -> Option<Proposal> {
    let agreed = seen.statements.iter().map(|one| one.sql.clone()).collect();
    (!seen.adopted.is_empty()).then(|| Proposal { shown: shown(&seen.adopted), agreed })
}

/// What is handed over, each with what it has besides.
fn shown(adopted: &[Adopted]) -> String {
    if adopted.is_empty() {
        return "nothing to hand over: what is named is idgraph's already, and `SCHEMA.*` stands for restored tables only"
            .to_owned();
    }
    let line = |one: &Adopted| {
        let more: String = one.differences.iter().map(|one| format!("    {one}\n")).collect();
        format!("  {} becomes idgraph's\n{more}", one.name)
    };
    adopted.iter().map(line).collect()
}
