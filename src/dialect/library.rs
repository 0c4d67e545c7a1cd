//! Where dialects and templates are found: the folders in the binary, and the project's own before them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};

use crate::diagnostic::{Diagnostic, Result, Source};
use crate::engine::StandIn;
use crate::files;

static DIALECTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/dialects");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The text of every file in the binary by its path: `include_dir` compares the paths of all in a folder to find one.
static EMBEDDED: LazyLock<BTreeMap<String, &str>> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    for (root, dir) in [("dialects", &DIALECTS), ("templates", &TEMPLATES)] {
        embedded_files(dir, root, &mut files);
    }
    files
});

/// The folders of a project that are looked into.
const OWN: [&str; 2] = ["dialects", "templates"];

/// Every file about dialects that a project can see.
#[derive(Debug, Clone, Default)]
pub struct Library {
    project: Option<PathBuf>,
    stand_in: StandIn,
}

impl Library {
    /// The files in the binary alone.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// Those of a project's folder first: `dialects/` and `templates/` beside `idgraph.yml`.
    pub fn beside(folder: &Path) -> Self {
        // Most projects have neither, and are asked for every file.
        let has_own = OWN.iter().any(|own| folder.join(own).exists());
        Self { project: has_own.then(|| folder.to_owned()), ..Self::default() }
    }

    /// The same, in a sandbox.
    #[must_use]
    pub fn standing_in(self, stand_in: &StandIn) -> Self {
        Self { stand_in: stand_in.clone(), ..self }
    }

    /// How expressions are spelled otherwise than the dialect does.
    pub(super) fn expressions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.stand_in.expressions.iter().map(|(name, spelling)| (*name, spelling.as_str()))
    }

    /// The names of all dialects, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = DIALECTS
            .dirs()
            .filter_map(|dir| dir.path().file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        let own =
            self.project.as_ref().and_then(|folder| fs::read_dir(folder.join("dialects")).ok());
        for entry in own.into_iter().flatten().flatten() {
            if entry.path().join("dialect.yml").is_file() {
                names.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.into_iter().collect()
    }

    /// Whether the project has files of its own for a chain of dialects, or for all.
    pub fn has_own(&self, chain: &[String]) -> bool {
        let folders = chain.iter().map(|dialect| format!("dialects/{dialect}"));
        let mut folders = folders.chain(["templates".to_owned()]);
        let own = self.project.as_ref();
        own.is_some_and(|project| folders.any(|folder| project.join(folder).exists()))
    }

    /// A dialect's own `dialect.yml`.
    pub fn facts(&self, dialect: &str) -> Result<Option<Arc<Source>>> {
        self.file(&format!("dialects/{dialect}/dialect.yml"))
    }

    /// A template as the first of a chain of dialects has it, else the base's.
    pub fn template(&self, chain: &[String], name: &str) -> Result<Option<Arc<Source>>> {
        if self.stand_in.without.contains(&name) {
            return Ok(None);
        }
        for dialect in chain {
            if let Some(found) = self.file(&format!("dialects/{dialect}/templates/{name}"))? {
                return Ok(Some(found));
            }
        }
        self.file(&format!("templates/{name}"))
    }

    /// A file by the name that its [`Source`] has.
    pub fn source(&self, name: &str) -> Result<Option<Arc<Source>>> {
        let below =
            self.project.as_ref().and_then(|folder| Path::new(name).strip_prefix(folder).ok());
        match below.and_then(Path::to_str) {
            Some(below) => self.file(below),
            None => self.file(name),
        }
    }

    /// The names of all templates of SQL that a chain of dialects can use, sorted.
    pub fn templates(&self, chain: &[String]) -> Vec<String> {
        let mut names = BTreeSet::new();
        let folders = chain.iter().map(|dialect| format!("dialects/{dialect}/templates"));
        for folder in folders.chain(["templates".to_owned()]) {
            let below =
                |path: &String| Some(path.strip_prefix(&folder)?.strip_prefix('/')?.to_owned());
            names.extend(EMBEDDED.keys().filter_map(below));
            if let Some(root) = self.project.as_ref().map(|project| project.join(&folder)) {
                own_files(&root, &root, &mut names);
            }
        }
        names.retain(|name| name.ends_with(".sql"));
        names.into_iter().collect()
    }

    fn file(&self, path: &str) -> Result<Option<Arc<Source>>> {
        if !is_name(path) {
            return Ok(None);
        }
        if let Some((folder, own)) = self.project.as_ref().map(|folder| (folder, folder.join(path)))
        {
            if fs::symlink_metadata(&own).is_ok() {
                files::within(folder, &own)?;
            }
            match files::text(&own) {
                Ok(text) => return Ok(Some(Source::new(own.display().to_string(), text))),
                // A file in the place of a folder has nothing in it.
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => {
                    return Err(Diagnostic::error(
                        "dialect-unreadable",
                        format!("cannot read {}: {error}", own.display()),
                    )
                    .help("the project's own dialects and templates are looked up before the built-in ones")
                    .into());
                }
            }
        }
        Ok(EMBEDDED.get(path).map(|text| Source::new(path, *text)))
    }
}

/// Whether a path goes down from a folder, step by step.
pub(crate) fn is_name(path: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(is_plain) && !path.contains(['\\', '\0', ':'])
}

fn embedded_files(dir: &'static Dir<'_>, root: &str, files: &mut BTreeMap<String, &'static str>) {
    for file in dir.files() {
        if let (Some(path), Some(text)) =
            (relative(file.path(), Path::new("")), file.contents_utf8())
        {
            files.insert(format!("{root}/{path}"), text);
        }
    }
    for inner in dir.dirs() {
        embedded_files(inner, root, files);
    }
}

fn own_files(folder: &Path, root: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // A link to a folder may lead back to it, so only files are found through links.
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if path.is_dir() && is_link {
            continue;
        }
        if path.is_dir() {
            own_files(&path, root, names);
        } else {
            names.extend(relative(&path, root));
        }
    }
}

/// A template's name: its path below the folder of templates, with `/` on every system.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?;
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    Some(parts.join("/"))
}
