//! `idgraph introspect`: adds to the project file what has landed.

use std::path::{Path, PathBuf};

use clap::ArgGroup;

use super::{Opened, Verdict, difference, known, output};
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::{Dialect, Library};
use crate::emit;
use crate::engine::{self, Access};
use crate::introspect::{Export, Findings, Landed, compare, of_catalog, recorded};
use crate::project::{self, LANDED_FILE, Project, with_additions};
use crate::render::landed_columns;

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").args(["target", "from", "print_query"]))]
pub(super) struct Arguments {
    /// Read the space of a target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Read an export of information_schema.columns, CSV or JSON
    #[arg(long, value_name = "FILE", requires = "dialect")]
    from: Option<PathBuf>,
    /// Print the query whose result `--from` reads
    #[arg(long, requires = "dialect", conflicts_with = "check")]
    print_query: bool,
    /// The dialect of the warehouse that is not a target
    #[arg(long, value_name = "NAME", conflicts_with = "target", requires = "source")]
    dialect: Option<String>,
    /// The space, where there is no project file yet
    #[arg(long, value_name = "NAME", conflicts_with = "target", requires = "source")]
    space: Option<String>,
    /// Write nothing; print what would be added, and exit with 1 if that is anything
    #[arg(long)]
    check: bool,
}

impl Arguments {
    fn of_target(&self) -> bool {
        self.from.is_none() && !self.print_query
    }
}

pub(super) fn run(path: &Path, arguments: &Arguments) -> Result<Verdict> {
    let project = Existing::read(path, arguments)?;
    if arguments.print_query {
        let dialect = project.dialect(arguments)?;
        let space = project.space(arguments, None)?;
        output::text(&landed_columns(&space, &dialect, &project.library)?)?;
        return Ok(Verdict::Fine);
    }
    let found = project.found(arguments)?;
    let (project_file, findings) = project.changed(path, &found)?;
    let record = project.recorded(path, &found, &project_file.new)?;
    tell(&found.space, &findings);
    if found.tables.is_empty() {
        output::message(format_args!("{}: nothing has landed yet", found.space));
    }
    let files = [project_file, record];
    let changed: Vec<&Change> = files.iter().filter(|one| one.is_one()).collect();
    if changed.is_empty() {
        let both = format!("{} and {LANDED_FILE} have all that has landed", path.display());
        output::message(format_args!("{both}"));
        return Ok(Verdict::Fine);
    }
    let shown: String = changed.iter().map(|one| one.shown()).collect();
    if arguments.check {
        output::text(&shown)?;
        return Ok(Verdict::Found);
    }
    output::message(format_args!("{}", shown.trim_end()));
    write(path.parent().unwrap_or(Path::new("")), &changed)?;
    for one in changed {
        output::message(format_args!("wrote {}", one.path.display()));
    }
    Ok(Verdict::Fine)
}

/// A file as it is, if it is there, and as it is to be.
struct Change {
    path: PathBuf,
    old: Option<String>,
    new: String,
}

impl Change {
    fn is_one(&self) -> bool {
        self.old.as_deref() != Some(self.new.as_str())
    }

    fn shown(&self) -> String {
        // The record holds names and types, and nothing that was typed by anybody.
        let is_record = self.path.file_name().is_some_and(|name| name == LANDED_FILE);
        let shown = |text: &str| if is_record { text.to_owned() } else { Project::masked(text) };
        difference::unified(
            &self.path.display().to_string(),
            &shown(self.old.as_deref().unwrap_or_default()),
            &shown(&self.new),
        )
    }
}

/// Writes files, all of them or none.
fn write(folder: &Path, changed: &[&Change]) -> Result<()> {
    let (new, old): (Vec<&Change>, Vec<&Change>) =
        changed.iter().copied().partition(|one| one.old.is_none());
    let old: Vec<_> = old.iter().map(|one| (one.path.as_path(), one.new.as_str())).collect();
    let name = |one: &&Change| one.path.file_name().map(PathBuf::from).unwrap_or_default();
    let names: Vec<PathBuf> = new.iter().map(name).collect();
    let new: Vec<_> =
        names.iter().zip(&new).map(|(name, one)| (name.as_path(), one.new.as_str())).collect();
    emit::replace_and_create(folder, &old, &new)
}

/// What is there before anything is read from a warehouse.
struct Existing {
    opened: Option<Opened>,
    library: Library,
}

/// What has landed.
struct Found {
    space: String,
    dialect: Dialect,
    tables: Vec<Landed>,
}

/// What there is to read where no project names a target.
const WITHOUT_PROJECT: &str = "without one, read an export of the catalog: --from FILE --dialect NAME; --print-query prints the query for it";

impl Existing {
    fn read(path: &Path, arguments: &Arguments) -> Result<Self> {
        emit::recover(path.parent().unwrap_or(Path::new("")))?;
        let opened = match arguments.of_target() {
            // A project has to be there to name it.
            true => Some(Opened::on(path, &arguments.target).map_err(|wrong| {
                match path.exists() || arguments.target.is_some() {
                    true => wrong,
                    false => wrong.into_iter().map(|one| one.help(WITHOUT_PROJECT)).collect(),
                }
            })?),
            false if path.exists() => Some(Opened::read(path)?),
            false => None,
        };
        if let (Some(opened), Some(space)) = (&opened, &arguments.space)
            && opened.project.space.value != *space
        {
            return Err(Diagnostic::error(
                "space-given-twice",
                format!("the project's space is not {space}"),
            )
            .at(&opened.project.space.place, "")
            .help("leave --space out, or name another project file: --project FILE")
            .into());
        }
        let library = Library::beside(path.parent().unwrap_or(Path::new("")));
        Ok(Self { opened, library })
    }

    fn dialect(&self, arguments: &Arguments) -> Result<Dialect> {
        let dialect =
            Dialect::load(&self.library, arguments.dialect.as_deref().unwrap_or_default())?;
        Ok(match &self.opened {
            Some(opened) => dialect.of_project(&opened.project),
            None => dialect,
        })
    }

    fn space(&self, arguments: &Arguments, export: Option<&Export>) -> Result<String> {
        if let Some(opened) = &self.opened {
            return Ok(opened.project.space.value.clone());
        }
        if let Some(space) = &arguments.space {
            return Ok(space.clone());
        }
        match export.map(Export::schema).transpose()?.flatten() {
            Some(space) => Ok(space),
            None => Err(Diagnostic::error(
                "space-unknown",
                "there is no project file to name the space",
            )
            .help("name it: --space NAME; or the project file: --project FILE")
            .into()),
        }
    }

    fn found(&self, arguments: &Arguments) -> Result<Found> {
        if let Some(path) = &arguments.from {
            let dialect = self.dialect(arguments)?;
            let export = Export::read(path)?;
            let space = self.space(arguments, Some(&export))?;
            // Told by the warehouse, it may be in capitals.
            let space = match self.opened.is_none() && arguments.space.is_none() {
                true => dialect.in_project(&space).unwrap_or(space),
                false => space,
            };
            let tables = export.tables(&space)?;
            return Ok(Found { space, dialect, tables });
        }
        let Some(opened) = &self.opened else {
            return Err(Diagnostic::error("file-missing", "there is no project file").into());
        };
        let space = opened.project.space.value.clone();
        let target = &opened.target;
        let mut engine = engine::connect(&opened.project, target, Access::Read)?;
        let catalog = engine.catalog(&[&space])?;
        if !catalog.schemas.contains(&space) {
            return Err(Diagnostic::error(
                "space-missing",
                format!("target `{target}` has no schema `{space}`"),
            )
            .at(&opened.project.space.place, "the space")
            .help(
                "check that it is the right database: Segment makes the schema with its first sync",
            )
            .into());
        }
        let dialect = Dialect::load(&opened.library, engine.dialect())?;
        Ok(Found { tables: of_catalog(&catalog, &space), space, dialect })
    }

    /// The record of what has landed.
    fn recorded(&self, path: &Path, found: &Found, project: &str) -> Result<Change> {
        let project = Project::parse(path, project, &known(&self.library))?;
        let old = self.opened.as_ref().map(|opened| opened.project.landed.clone());
        let mut landed = old.unwrap_or_default();
        landed.set(&found.dialect.name, recorded(&project, &found.dialect, &found.tables));
        let path = path.with_file_name(LANDED_FILE);
        // By its text: another order is made as it should be.
        let old = project::Landed::text_of(&path)?;
        Ok(Change { path, old, new: landed.text() })
    }

    /// The text of the project file as it is, if there is one, and as it is to be; and what was found.
    fn changed(&self, path: &Path, found: &Found) -> Result<(Change, Findings)> {
        let old = self.opened.as_ref().map(|_| Project::text(path)).transpose()?;
        let text = old.clone().unwrap_or_else(|| begin(found));
        let known = known(&self.library);
        let project = Project::parse(path, &text, &known)?;
        let findings = compare(&project, &found.dialect, &found.tables);
        let new = match findings.addition() {
            Some(addition) => with_additions(&path.display().to_string(), &text, &addition)?,
            None => text,
        };
        // What is written can be read again, and leaves nothing to add.
        let project = Project::parse(path, &new, &known)?;
        if let Some(left) = compare(&project, &found.dialect, &found.tables).addition() {
            return Err(Diagnostic::error(
                "not-editable",
                "what is added is not read again as it landed",
            )
            .note(format!("left over: {left:?}"))
            .help("this is a mistake of idgraph: please report it with the export")
            .into());
        }
        Ok((Change { path: path.to_owned(), old, new }, findings))
    }
}

/// The head of a new project file.
fn begin(found: &Found) -> String {
    let has = |name: &str| {
        found.tables.iter().any(|one| found.dialect.in_project(&one.name).as_deref() == Some(name))
    };
    let from = if has("profile_traits_updates") { "profile_traits_updates" } else { "identifies" };
    // As JSON, which YAML reads, a name can hold anything.
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let plain = |name: &str| match crate::project::snake_case(name).as_deref() == Some(name) {
        true => name.to_owned(),
        false => text(name),
    };
    format!(
        "# An idgraph project, begun by `idgraph introspect`; docs/project-file.md explains every key.\n\
         space: {}\n\ndialects: [{}]\n\ntraits:\n  from: {from}\n",
        plain(&found.space),
        plain(&found.dialect.name),
    )
}

/// Says what is not put into the file.
fn tell(space: &str, findings: &Findings) {
    let Findings { not_landed, left_out, differing, .. } = findings;
    for (what, lines) in [
        ("not landed yet, kept in the project", not_landed),
        ("another type in the warehouse, left as it is", differing),
        ("left out", left_out),
    ] {
        if !lines.is_empty() {
            output::message(format_args!("{space}: {what}:"));
        }
        for line in lines {
            output::message(format_args!("  {line}"));
        }
    }
}
