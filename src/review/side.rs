//! One version of a project, rendered for all its dialects.

use crate::diagnostic::{Diagnostics, Result};
use crate::dialect::{Dialect, Library};
use crate::migrate::{FOLDER, Folder, Recorded, Rename, folder_of, record};
use crate::project::Project;
use crate::render::{File, check_limits, render};
use crate::warehouse::Warehouse;

use super::prune::without_equal;

/// One version of a project, as it was read.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// The project.
    pub project: &'a Project,
    /// The dialects that it can see.
    pub library: &'a Library,
    /// What rendered files call its file.
    pub project_file: &'a str,
}

/// One version of a project, rendered.
pub struct Side {
    pub(super) warehouse: Warehouse,
    /// Its dialects in the order of the project file.
    pub(super) dialects: Vec<Rendered>,
    /// What its first dialect holds.
    pub(super) recorded: Recorded,
    /// Traits that have another name than before.
    pub(super) renames: Vec<Rename>,
    /// Whether there is a folder of migrations.
    pub(super) has_migrations: bool,
}

/// A dialect's files and migrations.
pub(super) struct Rendered {
    pub(super) dialect: Dialect,
    pub(super) files: Vec<File>,
    /// None also where a folder is broken: `idgraph migrate check` says how.
    pub(super) migrations: Folder,
}

impl Side {
    /// Renders two versions of a project, the older one `None` where there was none, less the event tables that are the same
    /// in both. `broken` is told of what is wrong with the older one.
    ///
    /// # Errors
    /// When the project cannot be rendered in a dialect.
    pub fn both(
        old: Option<Version<'_>>,
        new: Version<'_>,
        broken: impl Fn(Diagnostics) -> Diagnostics,
    ) -> Result<(Option<Self>, Self)> {
        let Some(old) = old else { return Ok((None, Self::of(new, Warehouse::of(new.project))?)) };
        let (was, now) = without_equal(old.project, new.project);
        Ok((Some(Self::of(old, was).map_err(broken)?), Self::of(new, now)?))
    }

    /// Renders a project's warehouse.
    ///
    /// # Errors
    /// When a dialect cannot hold it, or something cannot be rendered.
    fn of(version: Version<'_>, warehouse: Warehouse) -> Result<Self> {
        let Version { project, library, project_file } = version;
        let whole = Warehouse::of(project);
        let mut dialects = Vec::new();
        let mut recorded = None;
        for dialect in &project.dialects {
            let dialect = Dialect::load(library, &dialect.value)?;
            Diagnostics::check(check_limits(project, &whole, &dialect))?;
            if recorded.is_none() {
                recorded = Some(record(&warehouse, &dialect, library, project_file)?);
            }
            let files = render(&warehouse, &dialect, library, project_file)?;
            let folder = folder_of(&project.path, &dialect.name);
            let migrations = Folder::read(&folder).ok().flatten().unwrap_or_default();
            dialects.push(Rendered { dialect, files, migrations });
        }
        let renames = project.traits.iter();
        let renames = renames
            .filter_map(|column| Some((column.renamed_from.clone()?, column.name.clone())))
            .collect();
        let has_migrations = project.path.with_file_name(FOLDER).is_dir();
        let recorded = recorded.ok_or_else(|| no_dialect(project))?;
        Ok(Self { warehouse, dialects, recorded, renames, has_migrations })
    }

    /// The first dialect.
    pub(super) fn main(&self) -> &str {
        self.dialects.first().map_or("", |one| one.dialect.name.as_str())
    }

    pub(super) fn rendered(&self, dialect: &str) -> Option<&Rendered> {
        self.dialects.iter().find(|one| one.dialect.name == dialect)
    }
}

/// The check of the file lets no project through without a dialect.
fn no_dialect(project: &Project) -> Diagnostics {
    crate::diagnostic::Diagnostic::error(
        "no-dialect",
        format!("{} names no dialect", project.path.display()),
    )
    .help("name one or more under `dialects`; `idgraph dialect list` shows all")
    .into()
}
