//! `idgraph demo`: the document's case study, from landed rows to profiles, on embedded SQLite.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::show::Shown;
use super::{Opened, Verdict, build, output, render};
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Access, Cell, Engine, Interrupt};
use crate::fixture::insert;
use crate::warehouse::Warehouse;
use crate::{emit, files};

const PROJECT: &str = include_str!("demo.yml");

/// The database, beside the project file.
const DATABASE: &str = "acme.db";

/// What Segment landed, a table each.
const LANDED: [(&str, &str); 4] = [
    ("pages", include_str!("../../tests/case-study/landed/pages.csv")),
    ("identifies", include_str!("../../tests/case-study/landed/identifies.csv")),
    ("id_graph_updates", include_str!("../../tests/case-study/landed/id_graph_updates.csv")),
    (
        "external_id_mapping_updates",
        include_str!("../../tests/case-study/landed/external_id_mapping_updates.csv"),
    ),
];

const BUILT: [(&str, &str); 3] = [
    ("id_graph", "profile_2 was merged into profile_1"),
    ("external_id_mapping", "so all three identifiers are profile_1's"),
    ("profile_traits", "and its traits are one profile's"),
];

const TARGET: &str = "local";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to make
    #[arg(default_value = "idgraph-demo", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict> {
    let start = Instant::now();
    let folder = &arguments.folder;
    let project = prepare(folder)?;
    let opened = Opened::read(&project)?;
    let warehouse = Warehouse::of(&opened.project);
    let rendered = render::Compared::of(&opened, false)?;
    clear(folder, &rendered)?;
    let mut engine = engine::connect(&opened.project, TARGET, Access::Create)?;
    let dialect = Dialect::load(&opened.library, engine.dialect())?;

    // As Segment does elsewhere: its tables, then rows in them.
    build::make_landed(&opened, &warehouse, &dialect, engine.as_mut())?;
    for (table, csv) in LANDED {
        land(engine.as_mut(), &dialect, &warehouse, table, csv)?;
    }
    build_all(&opened, &warehouse, engine.as_mut())?;
    rendered.write()?;

    output::line(
        "Two visitors turn out to be one person: the case study of Segment's Profiles Sync.\n",
    )?;
    output::line("── landed by Segment ──\n")?;
    for (table, csv) in LANDED {
        let columns: Vec<&str> = csv.lines().next().unwrap_or_default().split(',').collect();
        let mut rows = Shown::find(&warehouse, table)?.read(engine.as_mut(), None)?;
        rows.keep(&columns);
        output::line(&format!("{}.{table}\n{}", warehouse.space, output::table(&rows)))?;
    }
    output::line("── built by idgraph ──\n")?;
    for (table, what) in BUILT {
        let rows = Shown::find(&warehouse, table)?.read(engine.as_mut(), None)?;
        output::line(&format!(
            "{}.{table}: {what}\n{}",
            warehouse.models_schema,
            output::table(&rows)
        ))?;
    }
    drop(engine);
    emit::note(folder, Path::new(DATABASE))?;
    let show = |what: &str, path: PathBuf| format!("  {what:<10} {}", path.display());
    output::line(&format!("Made in {:.2} s, on embedded SQLite:", start.elapsed().as_secs_f64()))?;
    output::line(&show("project", project.clone()))?;
    output::line(&show("database", folder.join("acme.db")))?;
    for dialect in &opened.project.dialects {
        output::line(&show(&dialect.value, folder.join("sql").join(&dialect.value)))?;
    }
    let first = opened.project.dialects.first().map_or("", |dialect| dialect.value.as_str());
    let file = folder.join("sql").join(first).join("20_id_graph.sql");
    output::line(&format!(
        "\nNext: read {}, or start your own with `idgraph init`.",
        file.display()
    ))?;
    Ok(Verdict::Fine)
}

/// The project file in a folder that is new or the demo's own.
fn prepare(folder: &Path) -> Result<PathBuf> {
    emit::recover(folder)?;
    let (project, database) = (folder.join("idgraph.yml"), folder.join(DATABASE));
    // What was edited is the user's own, rows in the database, too.
    let is_ours = files::text(&project).is_ok_and(|text| text == PROJECT);
    if database.exists() && !(is_ours && emit::is_as_noted(folder, Path::new(DATABASE))) {
        return Err(Diagnostic::error("exists", format!("{} exists already", database.display()))
            .note("it is not as the demo left it, and the demo would land its rows in it")
            .help("name another folder: idgraph demo DIR")
            .into());
    }
    if !is_ours {
        emit::create(&project, PROJECT)?;
    }
    Ok(project)
}

/// Takes away what an earlier demo made, when nobody has edited any of it.
fn clear(folder: &Path, rendered: &render::Compared) -> Result<()> {
    let mut edited = rendered.edited();
    if let Some(path) = edited.next() {
        return Err(Diagnostic::error("exists", format!("{} was edited", path.display()))
            .note("the demo would write over it")
            .help("name another folder: idgraph demo DIR")
            .into());
    }
    let database = folder.join(DATABASE);
    match fs::remove_file(&database) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Diagnostic::error(
            "unwritable",
            format!("cannot replace {} of an earlier demo: {error}", database.display()),
        )
        .help("name another folder: idgraph demo DIR")
        .into()),
        _ => Ok(()),
    }
}

fn build_all(opened: &Opened, warehouse: &Warehouse, engine: &mut dyn Engine) -> Result<()> {
    let plan = build::plan(opened, warehouse, engine, false)?;
    engine::apply(engine, &plan, &Interrupt::default(), &mut |_, _| {})
}

/// Inserts the rows of a CSV text; an empty field is NULL.
fn land(
    engine: &mut dyn Engine,
    dialect: &Dialect,
    warehouse: &Warehouse,
    table: &str,
    csv: &str,
) -> Result<()> {
    let broken = |error: csv::Error| Diagnostic::error("case-study", error.to_string());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().map_err(broken)?.clone();
    let columns: Vec<&str> = columns.iter().collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let cell = |field: &str| match field {
            "" => Cell::Null,
            text => Cell::Text(text.to_owned()),
        };
        rows.push(record.iter().map(cell).collect());
    }
    insert(engine, dialect, (&warehouse.space, table), &columns, &rows)
}
