//! `idgraph migrate`: migrations written, checked and recorded, without a database.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Opened, Verdict, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::emit::{self, Difference, Output};
use crate::migrate::{FOLDER, Folder, SUM_FILE, Work, check_words, folder_of};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the migration from the recorded schema to what the project says now
    #[command(after_help = "Examples:\n  idgraph migrate new\n  idgraph migrate new add_plan")]
    New {
        /// What to call it: a-z, 0-9 and _ [default: made of what changes]
        name: Option<String>,
    },
    /// Find migrations that were edited, removed or renumbered, and changes of the project without one
    #[command(
        after_help = "Example: idgraph migrate check\nFor CI: exits 1 when it finds something."
    )]
    Check,
    /// Record the checksums anew, after a migration was edited by hand on purpose
    #[command(after_help = "Example: idgraph migrate sum")]
    Sum,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    match &arguments.command {
        Command::New { name } => new(opened, name.as_deref()),
        Command::Check => check(opened),
        Command::Sum => sum(opened),
    }
}

fn new(opened: &Opened, name: Option<&str>) -> Result<Verdict> {
    if let Some(name) = name
        && let Err(why) = check_words(name)
    {
        return Err(Diagnostic::error(
            "migration-name",
            format!("`{name}` cannot name a migration"),
        )
        .note(why)
        .help("for example: idgraph migrate new add_plan")
        .into());
    }
    let work = work(opened, name)?;
    if work.drafts.is_empty() {
        output::message(format_args!("no difference: the migrations say what the project says"));
        return Ok(Verdict::Fine);
    }
    let outputs = || work.drafts.iter().flat_map(|draft| &draft.files);
    let changes: Vec<(PathBuf, Difference)> =
        outputs().map(|output| (output.path.clone(), Difference::Missing)).collect();
    emit::write(opened.project.folder(), outputs(), &changes)?;
    output::message(format_args!("What changes:"));
    for line in &work.about {
        output::message(format_args!("  {line}"));
    }
    output::message(format_args!("Written:"));
    for draft in &work.drafts {
        for file in &draft.files {
            output::line(&file.path.display().to_string())?;
        }
        if !draft.has_migration {
            output::message(format_args!("  {}: nothing to run", draft.dialect));
        } else if !draft.has_way_back {
            output::message(format_args!("  {}: there is no way back", draft.dialect));
        }
        for object in &draft.destructive {
            output::message(format_args!("  {}: takes away {object}", draft.dialect));
        }
    }
    output::message(format_args!(
        "\nRead the SQL, commit all of it; `idgraph apply --target NAME` runs it."
    ));
    if work.name.as_ref().is_some_and(|name| name.number == FIRST) {
        output::message(format_args!(
            "For a database that has all of it already: idgraph apply --target NAME --baseline {FIRST}"
        ));
    }
    Ok(Verdict::Fine)
}

/// The number of the migration that makes everything.
const FIRST: u32 = 1;

fn work(opened: &Opened, name: Option<&str>) -> Result<Work> {
    Work::of(&opened.project, &opened.library, name)
}

/// The migrations of each dialect, with every statement.
fn files(opened: &Opened) -> Result<()> {
    let mut problems = Vec::new();
    for dialect in &opened.project.dialects {
        let dialect = Dialect::load(&opened.library, &dialect.value)?;
        let folder = folder_of(&opened.project.path, &dialect.name);
        problems.extend(Folder::check(&folder, &dialect).err().into_iter().flatten());
    }
    Diagnostics::check(problems)
}

/// What is said when nothing is wrong.
pub(super) const FINE: &str = "the migrations are as recorded, and say what the project says";

fn check(opened: &Opened) -> Result<Verdict> {
    let Some((about, found)) = found(opened) else {
        output::message(format_args!("{FINE}"));
        return Ok(Verdict::Fine);
    };
    for line in &about {
        output::line(line)?;
    }
    for diagnostic in found.iter() {
        output::message(format_args!("{}\n", diagnostic.render(true)));
    }
    Ok(Verdict::Found)
}

/// What changes without a migration, in the words of the project, and what is wrong; none when all is well.
pub(super) fn found(opened: &Opened) -> Option<(Vec<String>, Diagnostics)> {
    match files(opened).and_then(|()| work(opened, None)) {
        Ok(work) if work.drafts.is_empty() => None,
        Ok(work) => {
            let dialects: Vec<_> = work.drafts.iter().map(|draft| draft.dialect.as_str()).collect();
            let wanted = Diagnostic::error(
                "migration-wanted",
                format!("the project has changed without a migration for {}", dialects.join(", ")),
            )
            .help("write it with `idgraph migrate new` and commit its files");
            Some((work.about, wanted.into()))
        }
        Err(found) => Some((Vec::new(), found)),
    }
}

fn sum(opened: &Opened) -> Result<Verdict> {
    let mut outputs = Vec::new();
    for dialect in &opened.project.dialects {
        let folder = folder_of(&opened.project.path, &dialect.value);
        if folder.exists() {
            Folder::check_whole(&folder)?;
            let path = PathBuf::from(FOLDER).join(&dialect.value).join(SUM_FILE);
            outputs.push(Output { path, text: Folder::sum(&folder)?.text().into() });
        }
    }
    let below = opened.project.folder();
    let differs = |output: &&Output| {
        !emit::holds(&below.join(&output.path), &output.text).is_ok_and(|holds| holds)
    };
    let changes: Vec<_> = outputs
        .iter()
        .filter(differs)
        .map(|output| (output.path.clone(), Difference::Stale))
        .collect();
    emit::write(below, &outputs, &changes)?;
    for (path, _) in &changes {
        output::line(&below.join(path).display().to_string())?;
    }
    if changes.is_empty() {
        output::message(format_args!("the checksums are those of the files"));
    }
    Ok(Verdict::Fine)
}
