//! `idgraph docs`: a site about the project.

use std::path::PathBuf;

use super::{Opened, Verdict, output, render, test};
use crate::diagnostic::{Diagnostics, Result};
use crate::docs::{FOLDERS, Subject, site};
use crate::emit::{self, Scope};
use crate::render::check_limits;
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to write into [default: docs-site beside the project file]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; list the files that are not as they should be and exit 1 if there are any
    #[arg(long)]
    check: bool,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let project = &opened.project;
    let dialects = render::dialects(opened, &[])?;
    let warehouse = Warehouse::of(project);
    Diagnostics::check(
        dialects.iter().flat_map(|dialect| check_limits(project, &warehouse, dialect)).collect(),
    )?;
    let outputs = site(&Subject {
        project,
        project_file: &opened.file_name(),
        dialects: &dialects,
        fixtures: &test::all(opened, &warehouse)?,
        library: &opened.library,
    })?;
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => opened.folder_within("docs-site")?,
    };
    let scope = Scope::Folders(FOLDERS.map(str::to_owned).to_vec());
    let changes = emit::differences(&folder, &outputs, &scope)?;
    if arguments.check {
        return output::check(&folder, outputs.len(), &changes, "idgraph docs");
    }
    emit::write_noted(&folder, &outputs, &changes)?;
    output::wrote(&folder, outputs.len(), &changes);
    output::message(format_args!("open {}", folder.join("index.html").display()));
    Ok(Verdict::Fine)
}
