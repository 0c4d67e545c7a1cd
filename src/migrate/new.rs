//! `idgraph migrate new`: for each dialect of a project, the migration from its recorded schema to what it says now.

use std::path::{Path, PathBuf};

use super::difference::{ObjectChange, Rename, difference};
use super::file::MigrationFile;
use super::folder::{Folder, SCHEMA_FILE, folder_of};
use super::generate::{Generate, Way};
use super::name::FileName;
use super::record::{self, Recorded, record};
use super::schema::Schema;
use super::script::Script;
use super::sum::{SUM_FILE, SumLine, checksum};
use super::{summary, trouble};
use crate::diagnostic::{Diagnostic, Diagnostics, Result, Source};
use crate::dialect::{Dialect, Library};
use crate::emit::Output;
use crate::project::Project;
use crate::render::check_limits;
use crate::warehouse::Warehouse;

/// What a new migration would be, over all dialects.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// Its number and name.
    pub name: Option<FileName>,
    /// What changes, in the words of the project, each once.
    pub about: Vec<String>,
    /// A draft for each dialect of which anything differs.
    pub drafts: Vec<Draft>,
}

/// What a new migration would be for one dialect.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The dialect.
    pub dialect: String,
    /// The files to write, by their path below the folder of the project file.
    pub files: Vec<Output>,
    /// Whether the files hold a migration; else only the recorded schema changes.
    pub has_migration: bool,
    /// Whether there is a way back.
    pub has_way_back: bool,
    /// What is destructive about it: each object as `--allow-destructive` takes it.
    pub destructive: Vec<String>,
}

/// One dialect of a project.
struct Side {
    dialect: Dialect,
    path: PathBuf,
    folder: Folder,
    old: Schema,
    recorded: Recorded,
    warehouse: Warehouse,
}

impl Work {
    /// Compares a project with the recorded schema of each of its dialects; `name` is what to call the migration.
    ///
    /// # Errors
    /// With everything that is wrong in the folders of migrations, and every change that no migration can make.
    pub fn of(
        project: &Project,
        library: &Library,
        project_file: &str,
        name: Option<&str>,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        let mut sides = Vec::new();
        for dialect in &project.dialects {
            let dialect = Dialect::load(library, &dialect.value)?.of_project(project);
            match Side::read(project, dialect, library, project_file) {
                Ok(side) => sides.push(side),
                Err(found) => problems.extend(found),
            }
        }
        Diagnostics::check(problems)?;
        let numbers = sides.iter().flat_map(|side| &side.folder.migrations);
        let number = numbers.map(|migration| migration.number()).max().unwrap_or(0) + 1;
        let renames: Vec<Rename> = project
            .traits
            .iter()
            .filter_map(|column| Some((column.renamed_from.clone()?, column.name.clone())))
            .collect();
        let mut work = Self::default();
        let mut refused = Vec::new();
        for side in &sides {
            let changes = difference(&side.old, &side.recorded.schema, &renames);
            let schemas = (&side.old, &side.recorded.schema);
            refused.extend(trouble::refused(project, schemas, &changes, &side.dialect));
            if side.old.settings != side.recorded.schema.settings && changes.is_empty() {
                work.about = vec!["settings that no table depends on".to_owned()];
            }
            for line in summary::lines(&changes) {
                if !work.about.contains(&line) {
                    work.about.push(line);
                }
            }
            work.name = work.name.or_else(|| {
                let name =
                    name.map_or_else(|| summary::name(&changes), |name| Some(name.to_owned()));
                let differs =
                    !changes.is_empty() || side.old.settings != side.recorded.schema.settings;
                differs.then(|| FileName::new(number, name.unwrap_or_default()))
            });
        }
        Diagnostics::check(refused)?;
        if let Some(name) = &work.name {
            for side in &sides {
                work.drafts.extend(side.draft(name, &renames, library, project_file)?);
            }
        }
        Ok(work)
    }
}

impl Side {
    fn read(
        project: &Project,
        dialect: Dialect,
        library: &Library,
        project_file: &str,
    ) -> Result<Self> {
        let warehouse = Warehouse::of(project);
        Diagnostics::check(check_limits(project, &warehouse, &dialect))?;
        let path = folder_of(&project.path, &dialect.name);
        let folder = Folder::read(&path, &dialect)?.unwrap_or_default();
        let recorded = record(&warehouse, &dialect, library, project_file)?;
        let old = match Schema::read(&path)? {
            Some(old) => old,
            None if folder.migrations.is_empty() => recorded.schema.emptied(),
            None => {
                return Err(Diagnostic::error(
                    "recorded-schema",
                    format!("there is no {}", path.join(SCHEMA_FILE).display()),
                )
                .note("it says what the migrations beside it leave in the warehouse; without it nothing can be compared")
                .help("put it back from version control")
                .into());
            }
        };
        Ok(Self { dialect, path, folder, old, recorded, warehouse })
    }

    fn draft(
        &self,
        name: &FileName,
        renames: &[Rename],
        library: &Library,
        project_file: &str,
    ) -> Result<Option<Draft>> {
        let (dialect, old) = (&self.dialect, &self.old);
        // Which views are made anew does not depend on the order of columns, and decides it.
        let tentative = self.recorded.schema.clone().after(old, renames, &[]);
        let from = record::warehouse(old);
        let changes = difference(old, &tentative, renames);
        if *old == tentative {
            return Ok(None);
        }
        let forward = Generate {
            old,
            new: &tentative,
            changes: &changes,
            files: &self.recorded.files,
            to: &self.warehouse,
            from: &from,
            dialect,
            library,
            way: Way::Forward,
        };
        let anew: Vec<String> = forward.decide().dropped.into_iter().collect();
        let new = self.recorded.schema.clone().after(old, renames, &anew);
        let order = |name: &str| {
            let object = new.built(name)?;
            Some(object.columns.iter().map(|column| column.name.clone()).collect())
        };
        let to = self.warehouse.in_order(order);
        let again = crate::render::render_full(&to, dialect, library, project_file)?;
        let changes = difference(old, &new, renames);
        let script = Generate { new: &new, changes: &changes, files: &again, to: &to, ..forward }
            .script()?
            .unwrap_or_default();
        let mut draft = Draft {
            dialect: dialect.name.clone(),
            files: Vec::new(),
            has_migration: !script.is_empty(),
            has_way_back: false,
            destructive: Vec::new(),
        };
        let mut sum = Folder::sum(&self.path)?;
        let about = summary::lines(&changes);
        let mut add =
            |name: &FileName, script: &Script, about: &[String]| -> Result<MigrationFile> {
                let text = script.text(name, about, dialect);
                let path = self.below().join(name.to_string());
                let source = Source::new(path.to_string_lossy(), text.clone());
                let line = SumLine { name: name.clone(), checksum: checksum(&text), place: None };
                sum.lines.push(line);
                draft.files.push(Output { path, text });
                MigrationFile::read(name.clone(), source, dialect)
            };
        if !script.is_empty() {
            let file = add(name, &script, &about)?;
            let back = self.back(&new, &from, renames, library, project_file)?;
            if let Some(back) = back.filter(|back| !back.is_empty()) {
                add(&name.down(), &back, &["The way back.".to_owned()])?;
                draft.has_way_back = true;
            }
            draft.destructive = file.destructive().into_iter().map(str::to_owned).collect();
        }
        sum.lines.sort_by(|one, other| one.name.cmp(&other.name));
        let below = self.below();
        draft.files.push(Output { path: below.join(SUM_FILE), text: sum.text() });
        draft.files.push(Output { path: below.join(SCHEMA_FILE), text: new.text() });
        Ok(Some(draft))
    }

    /// The way back, from the new record to the old one.
    fn back(
        &self,
        new: &Schema,
        from: &Warehouse,
        renames: &[Rename],
        library: &Library,
        project_file: &str,
    ) -> Result<Option<Script>> {
        let (dialect, old) = (&self.dialect, &self.old);
        let renames: Vec<Rename> =
            renames.iter().map(|(before, after)| (after.clone(), before.clone())).collect();
        let changes: Vec<ObjectChange<'_>> = difference(new, old, &renames);
        let to_now = record::warehouse(new);
        let files = if old.objects.is_empty() {
            Vec::new()
        } else {
            crate::render::render_full(from, dialect, library, project_file)?
        };
        Generate {
            old: new,
            new: old,
            changes: &changes,
            files: &files,
            to: from,
            from: &to_now,
            dialect,
            library,
            way: Way::Back,
        }
        .script()
    }

    /// Its folder below that of the project file.
    fn below(&self) -> PathBuf {
        Path::new(super::FOLDER).join(&self.dialect.name)
    }
}
