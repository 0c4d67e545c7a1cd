//! `idgraph lineage`: where tables and columns come from.

use super::{Opened, Verdict, output, render};
use crate::diagnostic::Result;
use crate::lineage::{Lineage, dot, json, mermaid, text};
use crate::render::render_full;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only what this model, table or TABLE.COLUMN is made from, and what is made from it
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// The dialect whose SQL is read [default: the project's first]
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Each table, and where each of its columns comes from
    #[default]
    Text,
    /// An object with all tables
    Json,
    /// A flow chart that GitHub and GitLab draw
    Mermaid,
    /// A graph for Graphviz
    Dot,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let named: Vec<String> = arguments.dialect.iter().cloned().collect();
    let dialects = render::dialects(opened, &named)?;
    let Some(dialect) = dialects.first() else { return Ok(Verdict::Fine) };
    let warehouse = dialect.warehouse(&opened.project);
    let files = render_full(&warehouse, dialect, &opened.library, &opened.file_name())?;
    let mut lineage = Lineage::of(&warehouse, dialect, &files);
    let mut columns = false;
    if let Some(name) = &arguments.name {
        lineage = lineage.around(name)?;
        columns = lineage.is_of_columns;
    }
    output::text(&match arguments.format {
        Format::Text => text(&lineage),
        Format::Json => json(&lineage)?,
        Format::Mermaid => mermaid(&lineage, columns),
        Format::Dot => dot(&lineage, columns),
    })?;
    Ok(Verdict::Fine)
}
