//! `idgraph migrate new`: for each dialect of a project, the migration from its recorded schema to what it says now.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::anew::Before;
use super::difference::{Rename, difference};
use super::file::{MigrationFile, MigrationText};
use super::folder::{Folder, SCHEMA_FILE, folder_of};
use super::generate::{self, Ends, Way, decide};
use super::ground::Ground;
use super::half_made::no_record;
use super::name::FileName;
use super::ours::InFile;
use super::record;
use super::schema::{Kind, Object, Schema};
use super::script::Script;
use super::sum::{SUM_FILE, SumLine};
use super::unmarked::{called, undeclared};
use super::{summary, trouble};
use crate::diagnostic::{Diagnostics, Result, Source};
use crate::dialect::{Dialect, Library};
use crate::emit::Output;
use crate::project::{Column, Project};
use crate::render::{How, check_limits, unreadable};
use crate::warehouse::Warehouse;

/// What a new migration would be, over all dialects.
#[derive(Debug, Default)]
pub struct Work {
    /// Its number and name.
    pub name: Option<FileName>,
    /// What changes, in the words of the project, each once.
    pub about: Vec<String>,
    /// A draft for each dialect of which anything differs.
    pub drafts: Vec<Draft>,
}

/// What a new migration would be for one dialect.
#[derive(Debug)]
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
    /// What the project says, its columns in the order of the project file.
    new: Schema,
    /// With what has landed.
    landed: Warehouse,
}

impl Work {
    /// Compares a project with the recorded schema of each of its dialects; `name` is what to call the migration.
    ///
    /// # Errors
    /// With everything that is wrong in the folders of migrations, and every change that no migration can make.
    pub fn of(project: &Project, library: &Library, name: Option<&str>) -> Result<Self> {
        let mut problems = Vec::new();
        let mut sides = Vec::new();
        for dialect in &project.dialects {
            let dialect = Dialect::load(library, &dialect.value)?.of_project(project);
            match Side::read(project, dialect, library) {
                Ok(side) => sides.push(side),
                Err(found) => problems.extend(found),
            }
        }
        Diagnostics::check(problems)?;
        let numbers = sides.iter().flat_map(|side| &side.folder.migrations);
        let number = numbers.map(|migration| migration.number()).max().unwrap_or(0) + 1;
        let renames = renames(project);
        let mut work = Self::default();
        let mut refused = Vec::new();
        for side in &sides {
            let changes = difference(&side.old, &side.new, &renames);
            let schemas = (&side.old, &side.new);
            refused.extend(trouble::refused(project, schemas, &changes, &side.dialect));
            if side.old.settings != side.new.settings && changes.is_empty() {
                work.about = vec![SETTINGS.to_owned()];
            }
            for line in summary::lines(&changes) {
                if !work.about.contains(&line) {
                    work.about.push(line);
                }
            }
            work.name = work.name.or_else(|| {
                let name =
                    name.map_or_else(|| summary::name(&changes), |name| Some(name.to_owned()));
                let differs = !changes.is_empty() || side.old.settings != side.new.settings;
                differs.then(|| FileName::new(number, name.unwrap_or_default()))
            });
        }
        Diagnostics::check(refused)?;
        if let Some(name) = &work.name {
            for side in &sides {
                work.drafts.extend(side.draft(name, &renames, library)?);
            }
        }
        Ok(work)
    }
}

/// What the project says otherwise than the record of one dialect's migrations, in words: what the next migration would
/// be about.
///
/// # Errors
/// When the project cannot be rendered.
pub fn unwritten(
    project: &Project,
    dialect: &Dialect,
    library: &Library,
    recorded: Option<&Schema>,
) -> Result<Vec<String>> {
    let dialect = dialect.clone().of_project(project);
    let warehouse = dialect.warehouse(project);
    let new = record::record(&warehouse, &dialect, library)?;
    let none = new.emptied();
    let old = recorded.unwrap_or(&none);
    let renames = renames(project);
    let changes = difference(old, &new, &renames);
    let lines = summary::lines(&changes);
    Ok(match lines.is_empty() && *old != new.after(old, &renames, &HashSet::new()) {
        true => vec![SETTINGS.to_owned()],
        false => lines,
    })
}

/// The text of a script, with a directive in front of all that takes something away.
fn marked(
    mut script: Script,
    (name, path): (&FileName, &Path),
    about: &[String],
    (before, ground): (&Before, &Arc<Ground>),
    dialect: &Dialect,
) -> Result<String> {
    let text = script.text(name, about, dialect);
    let source = Source::new(path.to_string_lossy(), text.clone());
    let file = MigrationText::new(name.clone(), source).on(ground).parse(dialect)?;
    let mut is_same = true;
    let in_file = InFile::new(&file, dialect);
    for (index, one) in file.statements.iter().enumerate() {
        for taken in undeclared(name, &in_file, (index, one), dialect) {
            // Whether a type holds everything was known when it was written.
            if !matches!(taken.how, How::Type { .. }) {
                script.mark(index, &called(name, &taken, dialect));
                is_same = false;
            }
        }
    }
    let mut told = HashSet::new();
    for (index, taken) in before.overwritten(&file, dialect) {
        let object = called(name, &taken, dialect);
        if told.insert((index, object.clone())) {
            script.mark(index, &object);
            is_same = false;
        }
    }
    Ok(if is_same { text } else { script.text(name, about, dialect) })
}

/// What is said where only the record changes.
const SETTINGS: &str = "settings that no table depends on";

/// The traits that have another name than before.
fn renames(project: &Project) -> Vec<Rename> {
    let renamed = |column: &Column| {
        let names = column.renamed_from.iter();
        names.map(|one| (one.name.clone(), column.name.clone())).collect::<Vec<_>>()
    };
    project.traits.iter().flat_map(renamed).collect()
}

impl Side {
    fn read(project: &Project, dialect: Dialect, library: &Library) -> Result<Self> {
        let warehouse = Warehouse::of(project);
        Diagnostics::check(check_limits(project, &warehouse, &dialect))?;
        let path = folder_of(&project.path, &dialect.name);
        let folder = Folder::read(&path)?.unwrap_or_default();
        let landed = dialect.warehouse(project);
        Diagnostics::check(unreadable(project, &landed, &dialect))?;
        let new = record::record(&landed, &dialect, library)?;
        let old = match Schema::read(&path)? {
            Some(old) => old,
            None if folder.migrations.is_empty() => new.emptied(),
            None => return Err(no_record(&path).into()),
        };
        Ok(Self { dialect, path, folder, old, new, landed })
    }

    fn draft(
        &self,
        name: &FileName,
        renames: &[Rename],
        library: &Library,
    ) -> Result<Option<Draft>> {
        let (dialect, old) = (&self.dialect, &self.old);
        // Which views are made anew does not depend on the order of columns, and decides it.
        let tentative = self.new.clone().after(old, renames, &HashSet::new());
        if *old == tentative {
            return Ok(None);
        }
        let changes = difference(old, &tentative, renames);
        let decisions = decide((old, &tentative), &changes, Way::Forward, dialect);
        let anew: HashSet<String> = decisions.dropped.into_iter().collect();
        let new = self.new.clone().after(old, renames, &anew);
        let columns = |object: &Object| object.columns.iter().map(|one| one.name.clone()).collect();
        let built = new.objects.iter().filter(|object| object.kind != Kind::Landed);
        let order: HashMap<&str, Vec<String>> =
            built.map(|object| (object.name.as_str(), columns(object))).collect();
        let from = record::warehouse(old).with_types_of(&self.landed);
        let to = self.landed.in_order(|name| order.get(name).cloned());
        let changes = difference(old, &new, renames);
        let ends = Ends { old, new: &new, from: &from, to: &to };
        let script =
            generate::script(&ends, &changes, Way::Forward, dialect, library)?.unwrap_or_default();
        let mut draft = Draft {
            dialect: dialect.name.clone(),
            files: Vec::new(),
            has_migration: !script.is_empty(),
            has_way_back: false,
            destructive: Vec::new(),
        };
        let mut sum = Folder::sum(&self.path)?;
        let about = summary::lines(&changes);
        let ground = Arc::new(Ground::new(Some(new.clone()), library.clone()));
        let mut add =
            |name: &FileName, script: Script, about: &[String]| -> Result<MigrationFile> {
                let path = self.below().join(name.to_string());
                let before = Before::of(if name.is_down { &new } else { old }, dialect);
                let text = marked(script, (name, &path), about, (&before, &ground), dialect)?;
                let source = Source::new(path.to_string_lossy(), text.clone());
                let file = MigrationText::new(name.clone(), source).on(&ground);
                let (name, checksum) = (name.clone(), file.checksum.clone());
                sum.lines.push(SumLine { name, checksum, place: None });
                draft.files.push(Output { path, text: text.into() });
                file.read(dialect)
            };
        if !script.is_empty() {
            let file = add(name, script, &about)?;
            let to_now = record::warehouse(&new).with_types_of(&self.landed);
            let ends = Ends { old: &new, new: old, from: &to_now, to: &from };
            let renames: Vec<Rename> =
                renames.iter().map(|(before, after)| (after.clone(), before.clone())).collect();
            let changes = difference(&new, old, &renames);
            let back = generate::script(&ends, &changes, Way::Back, dialect, library)?;
            if let Some(back) = back.filter(|back| !back.is_empty()) {
                add(&name.down(), back, &["The way back.".to_owned()])?;
                draft.has_way_back = true;
            }
            draft.destructive = file.destructive().into_iter().map(str::to_owned).collect();
        }
        sum.lines.sort_by(|one, other| one.name.cmp(&other.name));
        let below = self.below();
        draft.files.push(Output { path: below.join(SUM_FILE), text: sum.text().into() });
        draft.files.push(Output { path: below.join(SCHEMA_FILE), text: new.text().into() });
        Ok(Some(draft))
    }

    /// Its folder below that of the project file.
    fn below(&self) -> PathBuf {
        Path::new(super::FOLDER).join(&self.dialect.name)
    }
}
