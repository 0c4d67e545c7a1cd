//! `idgraph show`: the rows of a table.

use super::output::{self, Format};
use super::{Opened, Verdict, not_there};
use crate::diagnostic::{Diagnostic, Result, meant};
use crate::engine::{self, Access, Engine, Interrupt, Kind, Rows};
use crate::project::words::many;
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A landed table or a model
    table: String,
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// The most rows to print
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    limit: u64,
    /// Print all rows
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// For `--format csv` that a spreadsheet opens: puts ' before texts that it would run as formulas
    #[arg(long)]
    escape_formulas: bool,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let warehouse = Warehouse::of(&opened.project);
    let table = Shown::find(&warehouse, &arguments.table)?;
    let mut engine = engine::connect(&opened.project, &opened.target, Access::Read)?;
    let limit = (!arguments.all).then_some(arguments.limit);
    if arguments.escape_formulas && arguments.format != Format::Csv {
        return Err(Diagnostic::error("usage", "--escape-formulas is about CSV")
            .help("say --format csv, or leave it out")
            .into());
    }
    let interrupt = Interrupt::of_process();
    let rows = engine::read(engine.as_mut(), &interrupt, |engine| table.read(engine, limit))?;
    output::text(&output::rows(&rows, arguments.format, arguments.escape_formulas)?)?;
    if rows.more {
        output::message(format_args!(
            "the first {}; more with --limit or --all",
            match rows.rows.len() {
                1 => "row".to_owned(),
                count => many(count, "row"),
            }
        ));
    }
    Ok(Verdict::Fine)
}

/// A table that can be shown.
pub(super) struct Shown {
    schema: String,
    name: String,
    /// By time, then by what tells the rows apart.
    sort: Vec<String>,
}

impl Shown {
    pub(super) fn find(warehouse: &Warehouse, name: &str) -> Result<Self> {
        let models =
            warehouse.models.iter().map(|table| (&warehouse.models_schema, &table.name, table.key));
        let landed =
            warehouse.landed.iter().map(|table| (&warehouse.space, &table.name, &["id"][..]));
        let state = warehouse
            .watermarks
            .iter()
            .map(|table| (&warehouse.models_schema, &table.name, &["model", "landed"][..]));
        let all: Vec<_> = models.chain(landed).chain(state).collect();
        // With its schema in front it is the same table.
        let bare = name.rsplit_once('.').map_or(name, |(_, bare)| bare);
        let Some((schema, name, key)) = all.iter().find(|(schema, table, _)| {
            **table == name || (*table == bare && format!("{schema}.{table}") == name)
        }) else {
            let names: Vec<_> = all.iter().map(|(_, name, _)| name.as_str()).collect();
            return Err(Diagnostic::error(
                "unknown-table",
                format!("the project has no table `{name}`"),
            )
            .help(meant(bare, &names))
            .into());
        };
        let sort = ["timestamp"].iter().chain(*key).map(|&column| column.to_owned()).collect();
        Ok(Self { schema: (*schema).clone(), name: (*name).clone(), sort })
    }

    pub(super) fn read(&self, engine: &mut dyn Engine, limit: Option<u64>) -> Result<Rows> {
        let catalog = engine.catalog(&[&self.schema])?;
        let Some(found) = catalog.find(&self.schema, &self.name) else {
            return Err(
                not_there("no-table", &format!("table {}.{}", self.schema, self.name)).into()
            );
        };
        if found.kind == Kind::View && !found.is_ours {
            let what = format!("{}.{} is a view that idgraph did not make", self.schema, self.name);
            return Err(Diagnostic::error("not-ours", what)
                .note("whatever it computes would run with the rights of who reads it")
                .help("look at it with your database's own client")
                .into());
        }
        let sort: Vec<_> =
            self.sort.iter().filter(|column| found.column(column).is_some()).cloned().collect();
        engine.rows(&self.schema, found, &sort, limit)
    }
}
