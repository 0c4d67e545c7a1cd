//! `idgraph render`: the SQL of every dialect, into files; `--landed`, what makes the landed tables of a sandbox.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Opened, Verdict, named, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Result, nearest};
use crate::dialect::Dialect;
use crate::emit::{self, Difference, Output, Scope};
use crate::engine;
use crate::parallel;
use crate::project::Project;
use crate::render::{
    Subject, Text, check_limits, render, render_landed_text, render_texts, unreadable,
};
use crate::warehouse::Warehouse;

/// The folder of rendered files, beside the project file.
pub(super) const FOLDER: &str = "sql";

/// The folder of what makes landed tables. Not in the one above, whose files people run.
const SANDBOX: &str = "sandbox";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to write into, a folder for each dialect in it [default: sql beside the project file; with --landed, sandbox]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With the schemas of this target, in its dialect alone: into the folder of --out, or to stdout
    #[arg(long, value_name = "NAME", conflicts_with = "dialect")]
    pub(super) target: Option<String>,
    /// Only this dialect of the project (can be given again)
    #[arg(long, value_name = "NAME")]
    dialect: Vec<String>,
    /// Only this model, or `schema` (can be given again)
    #[arg(long, value_name = "MODEL")]
    select: Vec<String>,
    /// Instead, the SQL that makes the landed tables in a sandbox: never run it where Segment lands
    #[arg(long, conflicts_with = "select")]
    landed: bool,
    /// Print the SQL instead of writing files
    #[arg(long, conflicts_with_all = ["out", "check"])]
    stdout: bool,
    /// Write nothing; list the files that are not as they should be and exit 1 if there are any
    #[arg(long)]
    check: bool,
}

/// The dialect of a target. Files with its schemas never stand among those with the project's.
fn of_target<'a>(opened: &'a Opened, target: &str, arguments: &Arguments) -> Result<&'a str> {
    let dialect = engine::dialect_of(&opened.project, target)?;
    if arguments.out.is_none() && !arguments.stdout {
        return Err(Diagnostic::error("usage", "--target says whose schemas, and not where to")
            .note("files with the schemas of a target do not belong among those with the project's")
            .help("say --out DIR, or --stdout")
            .into());
    }
    Ok(dialect)
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let project = &opened.project;
    let warehouse = Warehouse::of(project);
    let of_target = match &arguments.target {
        Some(target) => vec![of_target(opened, target, arguments)?.to_owned()],
        None => Vec::new(),
    };
    let asked = if of_target.is_empty() { &arguments.dialect } else { &of_target };
    let dialects = dialects(opened, asked)?;
    Diagnostics::check(beyond_limits(project, &warehouse, &dialects))?;
    let outputs = match arguments.landed {
        true => landed(opened, &warehouse, &dialects)?,
        false => outputs(opened, &dialects, (&arguments.select, arguments.check))?,
    };
    if arguments.stdout {
        let texts = outputs.into_iter().map(|output| output.text.into_string());
        output::text(&texts.collect::<Result<Vec<_>>>()?.join("\n"))?;
        return Ok(Verdict::Fine);
    }
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => opened.folder_within(if arguments.landed { SANDBOX } else { FOLDER })?,
    };
    let scope = match (arguments.select.as_slice(), asked.as_slice()) {
        ([], []) => Scope::Whole,
        ([], names) => Scope::Folders(names.to_vec()),
        _ => Scope::Files,
    };
    let changes = emit::differences(&folder, &outputs, &scope)?;
    if arguments.check {
        let command = if arguments.landed { "idgraph render --landed" } else { "idgraph render" };
        return output::check(&folder, outputs.len(), &changes, command);
    }
    emit::write_noted(&folder, &outputs, &changes)?;
    output::wrote(&folder, outputs.len(), &changes);
    Ok(Verdict::Fine)
}

/// All that the project asks for, against what stands in `sql` beside it.
pub(super) struct Compared {
    pub(super) folder: PathBuf,
    outputs: Vec<Output>,
    pub(super) changes: Vec<(PathBuf, Difference)>,
}

impl Compared {
    /// `proved`: every statement of them was read back.
    pub(super) fn of(opened: &Opened, proved: bool) -> Result<Self> {
        let project = &opened.project;
        let warehouse = Warehouse::of(project);
        let dialects = dialects(opened, &[])?;
        Diagnostics::check(beyond_limits(project, &warehouse, &dialects))?;
        let outputs = outputs(opened, &dialects, (&[], proved))?;
        let folder = opened.folder_within(FOLDER)?;
        let changes = emit::differences(&folder, &outputs, &Scope::Whole)?;
        Ok(Self { folder, outputs, changes })
    }

    /// How many files there should be.
    pub(super) fn count(&self) -> usize {
        self.outputs.len()
    }

    /// The files that it would write over and that somebody edited.
    pub(super) fn edited(&self) -> impl Iterator<Item = PathBuf> {
        let stale = self.changes.iter().filter(|(_, what)| *what == Difference::Stale);
        let edited = stale.filter(|(path, _)| !emit::is_as_noted(&self.folder, path));
        edited.map(|(path, _)| self.folder.join(path))
    }

    pub(super) fn write(&self) -> Result<()> {
        emit::write_noted(&self.folder, &self.outputs, &self.changes)
    }
}

fn beyond_limits(
    project: &Project,
    warehouse: &Warehouse,
    dialects: &[Dialect],
) -> Vec<Diagnostic> {
    dialects.iter().flat_map(|dialect| check_limits(project, warehouse, dialect)).collect()
}

/// All that a render of these dialects refuses, for who only looks.
pub(super) fn refused(opened: &Opened, dialects: &[Dialect]) -> Vec<Diagnostic> {
    let warehouse = Warehouse::of(&opened.project);
    let mut found = beyond_limits(&opened.project, &warehouse, dialects);
    for dialect in dialects {
        found.extend(unreadable(&opened.project, &dialect.warehouse(&opened.project), dialect));
    }
    if !found.is_empty() {
        return found;
    }
    // Whether a statement is longer than the warehouse reads is known once it is rendered.
    let limited = dialects.iter().filter(|dialect| dialect.facts.statements.max_bytes > 0);
    let limited: Vec<Dialect> = limited.cloned().collect();
    match outputs(opened, &limited, (&[], false)) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.into_iter().collect(),
    }
}

/// What should be in the files; `proved`: every statement of them was read back.
fn outputs(
    opened: &Opened,
    dialects: &[Dialect],
    (selected, proved): (&[String], bool),
) -> Result<Vec<Output>> {
    let (library, file) = (&opened.library, opened.file_name());
    let of = |dialect: &Dialect| -> Result<Vec<(Subject, Output)>> {
        let warehouse = &dialect.warehouse(&opened.project);
        Diagnostics::check(unreadable(&opened.project, warehouse, dialect))?;
        let texts: Vec<Text> = match proved {
            true => {
                render(warehouse, dialect, library, &file)?.into_iter().map(Text::from).collect()
            }
            false => render_texts(warehouse, dialect, library, &file)?,
        };
        let output = |text: Text| {
            let path = PathBuf::from(&dialect.name).join(&text.name);
            (text.subject, Output { path, text: text.text })
        };
        Ok(texts.into_iter().map(output).collect())
    };
    // One dialect knows nothing of another, so all of them at once.
    let rendered: Result<Vec<_>> = parallel::map(dialects, of).into_iter().collect();
    select(rendered?.into_iter().flatten().collect(), selected)
}

/// What makes the landed tables of a sandbox.
fn landed(opened: &Opened, warehouse: &Warehouse, dialects: &[Dialect]) -> Result<Vec<Output>> {
    let (library, file) = (&opened.library, opened.file_name());
    let of = |dialect: &Dialect| {
        let text = render_landed_text(&dialect.lands(warehouse), dialect, library, &file)?;
        let path = PathBuf::from(&dialect.name).join(text.name);
        Ok(Output { path, text: text.text })
    };
    parallel::map(dialects, of).into_iter().collect()
}

/// The project's dialects, or those of them that were named.
pub(super) fn dialects(opened: &Opened, named: &[String]) -> Result<Vec<Dialect>> {
    let listed: Vec<&str> =
        opened.project.dialects.iter().map(|dialect| dialect.value.as_str()).collect();
    for name in named {
        if !listed.contains(&name.as_str()) {
            return Err(Diagnostic::error(
                "unknown-dialect",
                format!("the project does not list dialect `{name}`"),
            )
            .help(match nearest(name, listed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add it to `dialects`; listed are: {}", listed.join(", ")),
            })
            .into());
        }
    }
    let wanted =
        listed.iter().filter(|name| named.is_empty() || named.iter().any(|one| one == *name));
    let wanted: Vec<&str> = wanted.copied().collect();
    let load = |name: &&str| Ok(Dialect::load(&opened.library, name)?.of_project(&opened.project));
    parallel::map(&wanted, load).into_iter().collect()
}

/// The files about the subjects named, all when none is. Not every dialect has a file about each.
fn select(files: Vec<(Subject, Output)>, names: &[String]) -> Result<Vec<Output>> {
    let subjects: BTreeSet<&str> = files.iter().map(|(about, _)| subject(*about)).collect();
    let subjects: Vec<&str> = subjects.into_iter().collect();
    if let Some(name) = names.iter().find(|name| !subjects.contains(&name.as_str())) {
        return Err(Diagnostic::error(
            "unknown-model",
            format!("there is nothing called `{name}` to render"),
        )
        .help(named(name, &subjects))
        .into());
    }
    let is_wanted =
        |about: Subject| names.is_empty() || names.iter().any(|name| name == subject(about));
    let wanted = files.into_iter().filter(|(about, _)| is_wanted(*about));
    Ok(wanted.map(|(_, output)| output).collect())
}

fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Schema => "schema",
        Subject::Landed => "landed_tables",
        Subject::State => "watermarks",
        Subject::Model(model) => model.name(),
        Subject::Schedule => "schedule",
    }
}
