//! `idgraph status`: what a database has run, what is pending, and how old everything is.

use serde_json::{Map, Value, json};

use super::build::note_others;
use super::snapshot::Format;
use super::{Opened, Verdict, gone, migrated, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Access, Catalog, Cell, Engine, Interrupt, Kind, Rows};
use crate::migrate::{Entry, Folder, Ledger, pending};
use crate::render::Bookkeeping;
use crate::warehouse::{ModelTable, Warehouse};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A part of the status: its name, and its rows.
type Part = (&'static str, Rows);

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let warehouse = Warehouse::of(&opened.project);
    let target = &opened.target;
    let interrupt = Interrupt::of_process();
    let mut engine = engine::connect(&opened.project, target, Access::Read)?;
    engine::read(engine.as_mut(), &interrupt, |engine| {
        report(opened, arguments, &warehouse, engine)
    })
}

fn report(
    opened: &Opened,
    arguments: &Arguments,
    warehouse: &Warehouse,
    engine: &mut dyn Engine,
) -> Result<Verdict> {
    let target = &opened.target;
    let mut catalog = engine.catalog(&[&warehouse.space, &warehouse.models_schema])?;
    note_others(&catalog.for_reading(), &warehouse.models_schema, target);
    let ledger = Ledger::read(engine, &catalog, &warehouse.models_schema)?;
    // What is wrong with the files is said, and the database shown all the same.
    let (folder, mut problems) = match migrated::folder(opened, target) {
        Ok(found) => (found, Vec::new()),
        Err(wrong) => (None, wrong.into_iter().collect()),
    };
    let pending = waiting(folder.as_ref(), &ledger, &mut problems);
    let dialect = Dialect::load(&opened.library, engine.dialect())?;
    let books = Bookkeeping::new(warehouse, &dialect, &opened.library)?;
    let parts = [
        ("migrations", migrations(&ledger)),
        ("pending", pending),
        ("models", models(engine, &catalog, warehouse, &books)?),
        ("landed", landed(engine, &catalog, warehouse, &books)?),
    ];
    let outlived = gone::found(opened, warehouse, (&catalog, dialect.clone()), engine)?;
    match arguments.format {
        Format::Text => {
            let has_migrations = folder.is_some() || !ledger.entries.is_empty();
            let is_there =
                |table: &ModelTable| catalog.find(&warehouse.models_schema, &table.name).is_some();
            let is_new = ledger.entries.is_empty() && !warehouse.models.iter().any(is_there);
            text(target, (has_migrations, is_new), &ledger, &parts)?;
            if let Some(warning) = gone::warning(&outlived, &warehouse.models_schema, target) {
                output::line(&format!("\nwarning: {warning}"))?;
            }
        }
        Format::Json => {
            let at = ledger.newest().map(|entry| entry.number);
            let mut object = Map::from_iter([
                ("target".to_owned(), json!(target)),
                ("at".to_owned(), json!(at)),
            ]);
            let objects = |rows: &Rows| Value::from(output::objects(rows));
            let gone = outlived.iter().map(|one| json!({ "table": one.table, "rows": one.rows }));
            object.insert("gone".to_owned(), gone.collect());
            object.extend(parts.iter().map(|(name, rows)| ((*name).to_owned(), objects(rows))));
            output::line(&serde_json::to_string_pretty(&object).unwrap_or_default())?;
        }
    }
    Diagnostics::check(problems)?;
    Ok(Verdict::Fine)
}

fn text(
    target: &str,
    (has_migrations, is_new): (bool, bool),
    ledger: &Ledger,
    parts: &[Part],
) -> Result<()> {
    match ledger.newest() {
        Some(entry) => output::line(&format!("{target} is at {:04}_{}", entry.number, entry.name))?,
        None if has_migrations => output::line(&format!("{target} has run no migration"))?,
        None => output::line(&format!("{target} is built without migrations"))?,
    }
    for (name, rows) in parts.iter().filter(|(name, _)| !(is_new && *name == "models")) {
        part(name, rows)?;
    }
    if is_new {
        let target = crate::migrate::shell_word(target);
        output::line(&format!(
            "\nNothing is built yet. `idgraph plan --target {target}` shows what would be, `idgraph apply --target {target}` builds it."
        ))?;
    }
    Ok(())
}

/// A part as a table. What has never been is named below it, and no row of NULLs.
fn part(name: &str, rows: &Rows) -> Result<()> {
    let absent = |row: &[Cell]| match (name, row) {
        ("models", [_, rest @ ..]) if rest.iter().all(|cell| *cell == Cell::Null) => {
            Some("no refresh is noted of")
        }
        ("landed", [_, Cell::Boolean(false), ..]) => Some("not there"),
        ("landed", [_, _, Cell::Null, ..]) => Some("without a row"),
        _ => None,
    };
    let (said, not_yet): (Vec<_>, Vec<_>) =
        rows.rows.iter().cloned().partition(|row| absent(row).is_none());
    if !said.is_empty() {
        output::line(&format!("\n{name}"))?;
        let columns = rows.columns.clone();
        output::text(&output::table(&Rows { columns, rows: said, more: false }))?;
    }
    for what in ["no refresh is noted of", "not there", "without a row"] {
        let is_it = |row: &&Vec<Cell>| absent(row) == Some(what);
        let names = not_yet.iter().filter(is_it).filter_map(|row| row.first()?.text());
        let names: Vec<String> = names.map(|name| output::printable(&name)).collect();
        if !names.is_empty() {
            output::line(&format!("\n{name}, {what}: {}", names.join(", ")))?;
        }
    }
    Ok(())
}

fn rows(columns: &[&str], rows: Vec<Vec<Cell>>) -> Rows {
    Rows { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows, more: false }
}

fn whole(number: impl TryInto<i64>) -> Cell {
    number.try_into().map_or(Cell::Null, Cell::Integer)
}

fn optional(text: Option<&String>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.clone()))
}

fn migrations(ledger: &Ledger) -> Rows {
    let row = |entry: &Entry| {
        vec![
            whole(entry.number),
            Cell::Text(entry.name.clone()),
            Cell::Text(if entry.is_finished() { entry.how.clone() } else { "halfway".to_owned() }),
            whole(entry.done),
            whole(entry.statements),
            whole(entry.rows),
            Cell::Text(entry.started_at.clone()),
            optional(entry.finished_at.as_ref()),
            Cell::Text(entry.version.clone()),
            optional(entry.user.as_ref()),
            optional(entry.error.as_ref()),
        ]
    };
    let columns = [
        "number",
        "name",
        "state",
        "done",
        "of",
        "rows",
        "started_at",
        "finished_at",
        "idgraph",
        "user",
        "error",
    ];
    rows(&columns, ledger.entries.iter().map(row).collect())
}

fn waiting(
    migrations: Option<&(Folder, Dialect)>,
    ledger: &Ledger,
    problems: &mut Vec<Diagnostic>,
) -> Rows {
    let runs = match migrations.map(|(folder, dialect)| pending(folder, dialect, ledger, None)) {
        Some(Ok(runs)) => runs,
        Some(Err(wrong)) => {
            problems.extend(wrong);
            Vec::new()
        }
        None => Vec::new(),
    };
    let row = |run: &crate::migrate::Run| {
        let file = &run.file;
        let away = file.destructive().join(", ");
        vec![
            Cell::Text(file.name.to_string()),
            whole(file.statements.len().saturating_sub(run.done)),
            if away.is_empty() { Cell::Null } else { Cell::Text(away) },
        ]
    };
    rows(&["file", "statements", "takes_away"], runs.iter().map(row).collect())
}

/// Each model's last refresh; NULL for one of which none was noted.
fn models(
    engine: &mut dyn Engine,
    catalog: &Catalog,
    warehouse: &Warehouse,
    books: &Bookkeeping<'_>,
) -> Result<Rows> {
    let table = books.refreshes();
    let noted = match catalog.find(&warehouse.models_schema, &table.name) {
        Some(found) if found.is_ours => {
            Some(engine.rows(&warehouse.models_schema, found, &Vec::new(), None)?)
        }
        _ => None,
    };
    // These say nothing to people, nor what they could do.
    let is_shown = |name: &str| !["definition", "deletions"].contains(&name);
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let shown = |row: &[Cell]| -> Vec<Cell> {
        let cells = columns.iter().zip(row).filter(|(name, _)| is_shown(name));
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    let row = |model: &str| {
        let row = noted.as_ref().and_then(|noted| {
            noted.rows.iter().find(|row| row.first().and_then(Cell::text).as_deref() == Some(model))
        });
        row.cloned().unwrap_or_else(|| {
            let nothing = columns.iter().skip(1).map(|_| Cell::Null);
            [Cell::Text(model.to_owned())].into_iter().chain(nothing).collect()
        })
    };
    let all = warehouse.models.iter().map(|table| shown(&row(&table.name))).collect();
    let columns: Vec<&str> = columns.iter().copied().filter(|name| is_shown(name)).collect();
    Ok(rows(&columns, all))
}

/// The newest row of each landed table, and how long ago it was loaded.
fn landed(
    engine: &mut dyn Engine,
    catalog: &Catalog,
    warehouse: &Warehouse,
    books: &Bookkeeping<'_>,
) -> Result<Rows> {
    let mut all = Vec::new();
    for table in &warehouse.landed {
        let found = catalog.find(&warehouse.space, &table.name);
        let mut newest = (Cell::Null, Cell::Null);
        // A view of others' would compute whatever they like with the rights of who reads it.
        let found = found.filter(|found| found.kind != Kind::View);
        if found.is_some_and(|found| found.column(warehouse.load_time).is_some()) {
            for statement in books.newest(&table.name)? {
                if let Some([at, ago]) =
                    engine.query(&statement.sql)?.rows.first().map(Vec::as_slice)
                {
                    newest = (at.clone(), seconds(ago));
                }
            }
        }
        let is_there = Cell::Boolean(found.is_some());
        all.push(vec![Cell::Text(table.name.clone()), is_there, newest.0, newest.1]);
    }
    Ok(rows(&["table", "is_there", "newest", "seconds_ago"], all))
}

/// Whole seconds.
fn seconds(cell: &Cell) -> Cell {
    let number = cell.text().and_then(|text| text.parse::<f64>().ok());
    #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
    number.map_or(Cell::Null, |seconds| Cell::Integer(seconds.round() as i64))
}
