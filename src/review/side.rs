//! One version of a project, rendered for all its dialects.

use crate::diagnostic::{Diagnostics, Result};
use crate::dialect::{Dialect, Library};
use crate::migrate::{FOLDER, Folder, Rename, Schema, folder_of, record, recorded_warehouse};
use crate::project::{Column, Project};
use crate::render::{File, check_limits, render, render_full};
use crate::warehouse::Warehouse;

use super::migrations::Live;
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
    /// Whether its SQL is known: not of what is read off a database's tables.
    pub(super) has_sql: bool,
}

/// What a target runs.
pub struct Running {
    /// What to call it.
    pub name: String,
    /// The target's dialect.
    pub dialect: Dialect,
    /// What was recorded with the last migration that it ran; `None` where nothing was, and its tables are all that is known.
    pub recorded: Option<Schema>,
    /// The migrations that it ran.
    pub applied: Folder,
    /// What stands in it.
    pub live: Live,
}

/// A warehouse, the statements that make it, and its record.
pub(super) struct Recorded {
    /// The rendered files, each model in full.
    pub(super) files: Vec<File>,
    /// The record.
    pub(super) schema: Schema,
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

    /// What a target runs, and a project rendered for it. `None` for a target in which idgraph has made nothing.
    ///
    /// # Errors
    /// When the target's dialect cannot hold the project, or something cannot be rendered.
    pub fn running(of: &Running, new: Version<'_>) -> Result<(Option<Self>, Self)> {
        let Version { library, project_file, .. } = new;
        let now = Self::in_dialects(new, Warehouse::of(new.project), &[&of.dialect.name])?;
        let like = &now.recorded.schema;
        let schema = match &of.recorded {
            Some(schema) => schema.in_order_of(like),
            None => like.found(&of.live.catalog, &of.dialect),
        };
        if schema.objects.is_empty() && of.applied.migrations.is_empty() {
            return Ok((None, now));
        }
        let mut was = Self {
            warehouse: now.warehouse.clone(),
            dialects: Vec::new(),
            recorded: Recorded { files: Vec::new(), schema },
            renames: Vec::new(),
            has_migrations: now.has_migrations,
            has_sql: of.recorded.is_some(),
        };
        let mut files = Vec::new();
        if was.has_sql {
            // The record is rendered with the templates of today: a model whose SQL was another one has another meaning in it.
            let lookback = now.warehouse.lookback;
            let recorded = recorded_warehouse(&was.recorded.schema).as_if_all_landed();
            was.warehouse = Warehouse { lookback, ..recorded };
            let landed = was.warehouse.clone().as_recorded(new.project, &of.dialect.name);
            files = render(&landed, &of.dialect, library, project_file)?;
            was.recorded.files = render_full(&was.warehouse, &of.dialect, library, project_file)?;
        }
        let (dialect, migrations) = (of.dialect.clone(), of.applied.clone());
        was.dialects.push(Rendered { dialect, files, migrations });
        Ok((Some(was), now))
    }

    /// Renders a project's warehouse.
    ///
    /// # Errors
    /// When a dialect cannot hold it, or something cannot be rendered.
    fn of(version: Version<'_>, warehouse: Warehouse) -> Result<Self> {
        let dialects: Vec<&str> =
            version.project.dialects.iter().map(|dialect| dialect.value.as_str()).collect();
        Self::in_dialects(version, warehouse, &dialects)
    }

    fn in_dialects(version: Version<'_>, warehouse: Warehouse, names: &[&str]) -> Result<Self> {
        let Version { project, library, project_file } = version;
        let whole = Warehouse::of(project);
        let mut dialects = Vec::new();
        let mut recorded = None;
        for name in names {
            let dialect = Dialect::load(library, name)?.of_project(project);
            Diagnostics::check(check_limits(project, &whole, &dialect))?;
            let landed = warehouse.clone().as_recorded(project, &dialect.name);
            if recorded.is_none() {
                let files = render_full(&warehouse, &dialect, library, project_file)?;
                // As `migrate new` records it: views say what they do not show yet.
                let schema = record(&landed, &dialect, library)?;
                recorded = Some(Recorded { files, schema });
            }
            let files = render(&landed, &dialect, library, project_file)?;
            let folder = folder_of(&project.path, &dialect.name);
            let migrations = Folder::read(&folder).ok().flatten().unwrap_or_default();
            dialects.push(Rendered { dialect, files, migrations });
        }
        let renames = project.traits.iter();
        let renamed = |column: &Column| {
            let names = column.renamed_from.iter();
            names.map(|one| (one.name.clone(), column.name.clone())).collect::<Vec<_>>()
        };
        let renames = renames.flat_map(renamed).collect();
        let has_migrations = project.path.with_file_name(FOLDER).is_dir();
        let recorded = recorded.ok_or_else(|| no_dialect(project))?;
        Ok(Self { warehouse, dialects, recorded, renames, has_migrations, has_sql: true })
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
