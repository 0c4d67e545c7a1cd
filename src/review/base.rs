//! A project as it was in a git revision, in a temporary folder. The `git` of this machine reads it; no network is used and
//! nothing in the repository changes.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::diagnostic::{Diagnostic, Diagnostics, Result, Source};
use crate::migrate::{Entry, SCHEMA_FILE, SUM_FILE, Schema, SumFile};
use crate::project::LANDED_FILE;

/// What stands beside a project file and belongs to the project.
const BESIDE: [&str; 5] = ["dialects", "templates", "migrations", "fixtures", LANDED_FILE];

/// What a main branch is usually called, the server's before one's own.
const MAIN: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/// A project as it was.
#[derive(Debug)]
pub struct Base {
    /// What to call it.
    pub name: String,
    /// Its project file, `None` where it had none.
    pub project: Option<PathBuf>,
    /// Where its files stand: a folder that was named, or the repository.
    place: Where,
}

#[derive(Debug)]
enum Where {
    Folder(PathBuf),
    Commit {
        git: Git,
        /// With what leads to the folder of the project: `1a2b3c:below/`.
        folder: String,
        /// Removed at the end of its scope.
        written: TempDir,
    },
}

impl Base {
    /// The project in another folder.
    ///
    /// # Errors
    /// When that is no folder.
    pub fn folder(folder: &Path, project: &Path) -> Result<Self> {
        if !folder.is_dir() {
            return Err(Diagnostic::error("no-base", format!("{} is no folder", folder.display()))
                .help("give the folder of the project to compare with: --base DIR")
                .into());
        }
        let file = folder.join(project.file_name().unwrap_or(OsStr::new("idgraph.yml")));
        let name = folder.display().to_string();
        let place = Where::Folder(folder.to_owned());
        Ok(Self { name, project: file.exists().then_some(file), place })
    }

    /// The project as it was in a revision; for none, where the current branch left the main branch.
    ///
    /// # Errors
    /// When there is no git, no repository, no such revision, or a file cannot be written.
    pub fn revision(revision: Option<&str>, project: &Path) -> Result<Self> {
        let git = Git::beside(project);
        let prefix =
            git.text(&["rev-parse", "--show-prefix"])?.ok_or_else(|| git.no_repository())?;
        let (commit, name) = match revision {
            Some(revision) => {
                let commit = git.commit(revision)?.ok_or_else(|| unknown(revision))?;
                (commit, revision.to_owned())
            }
            None => git.left_main()?,
        };
        let folder = tempfile::tempdir()
            .map_err(|error| unwritable(Path::new("a temporary folder"), &error))?;
        let name_of_file =
            project.file_name().unwrap_or(OsStr::new("idgraph.yml")).to_string_lossy();
        git.write(&commit, &prefix, &name_of_file, folder.path())?;
        let file = folder.path().join(name_of_file.as_ref());
        let project = file.exists().then_some(file);
        let place = Where::Commit { git, folder: format!("{commit}:{prefix}"), written: folder };
        Ok(Self { name, project, place })
    }

    /// A message about this version: a file of a revision is named as git names it, not where it was written to.
    pub fn named(&self, message: Diagnostic) -> Diagnostic {
        match &self.place {
            Where::Folder(_) => message,
            Where::Commit { folder, written, .. } => {
                let revision = folder.split_once(':').map_or("", |(commit, _)| commit);
                let short = revision.get(..10).unwrap_or(revision);
                message.elsewhere(&format!("{}/", written.path().display()), &format!("{short}:"))
            }
        }
    }

    /// Whether something of this name stood beside the project file.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn has(&self, beside: &str) -> Result<bool> {
        match &self.place {
            Where::Folder(folder) => Ok(folder.join(beside).exists()),
            Where::Commit { git, folder, .. } => {
                let object = format!("{folder}{beside}");
                let found =
                    git.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &object])?;
                Ok(found.is_some())
            }
        }
    }
}

/// What was recorded with a migration when it was the newest; `None` where the history of the project does not have it.
///
/// # Errors
/// When the history has it and it cannot be read.
pub fn recorded_then(project: &Path, dialect: &str, migration: &Entry) -> Result<Option<Schema>> {
    let git = Git::beside(project);
    let folder = format!("./{}/{dialect}", crate::migrate::FOLDER);
    let sums = format!("{folder}/{SUM_FILE}");
    // Without git, or outside of a repository, there is no history.
    let commits = git.text(&["log", "--format=%H", "--", &sums]).ok().flatten();
    for commit in commits.unwrap_or_default().lines() {
        let file = |path: &str| git.text(&["show", &format!("{commit}:{path}")]);
        let Some(text) = file(&sums)? else { continue };
        let Ok(sum) = SumFile::parse(&Source::new(SUM_FILE, text)) else { continue };
        let newest = sum.lines.iter().rev().find(|line| !line.name.is_down);
        let is_it = newest.is_some_and(|line| {
            line.name.number == migration.number && line.checksum == migration.checksum
        });
        if is_it && let Some(text) = file(&format!("{folder}/{SCHEMA_FILE}"))? {
            let name = format!("{SCHEMA_FILE} of {commit}");
            return Schema::parse(&Source::new(name, text)).map(Some);
        }
    }
    Ok(None)
}

/// The `git` of this machine, in a folder.
#[derive(Debug)]
struct Git {
    folder: PathBuf,
}

impl Git {
    fn beside(project: &Path) -> Self {
        let beside = project.parent().filter(|folder| *folder != Path::new(""));
        Self { folder: beside.unwrap_or(Path::new(".")).to_owned() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).arg("--no-optional-locks").args(arguments);
        // Never a question, never a download.
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
        command.stdin(Stdio::null());
        command
    }

    /// What a command prints, without the line's end; `None` when it says no.
    fn text(&self, arguments: &[&str]) -> Result<Option<String>> {
        let output = self.command(arguments).output().map_err(|error| no_git(&error))?;
        let text =
            String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
        Ok(output.status.success().then_some(text))
    }

    /// The commit that a revision names.
    fn commit(&self, revision: &str) -> Result<Option<String>> {
        let revision = format!("{revision}^{{commit}}");
        self.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &revision])
    }

    /// Where the current branch left the main branch, and what to call that.
    fn left_main(&self) -> Result<(String, String)> {
        for main in MAIN {
            let Some(commit) = self.commit(main)? else { continue };
            let Some(base) = self.text(&["merge-base", &commit, "HEAD"])? else {
                return Err(Diagnostic::error(
                    "no-base",
                    format!("git knows no commit that the current branch and {main} have in common"),
                )
                .note("a shallow clone holds the newest commits alone")
                .help("fetch the whole history (actions/checkout: `fetch-depth: 0`), or name a revision: idgraph diff BASE")
                .into());
            };
            let short = base.get(..10).unwrap_or(&base);
            return Ok((base.clone(), format!("{short}, where {main} was left")));
        }
        Err(Diagnostic::error("no-base", "there is no main branch to compare with")
            .note(format!("looked for {}", MAIN.join(", ")))
            .help("name a revision: idgraph diff BASE")
            .into())
    }

    fn no_repository(&self) -> Diagnostics {
        let message = format!("{} is in no git repository", self.folder.display());
        Diagnostic::error("no-repository", message)
            .note("or git does not trust its owner: see safe.directory in git's documentation")
            .help("compare with a folder instead: idgraph diff --base DIR")
            .into()
    }

    /// Writes the files of a project as a commit has them into a folder.
    fn write(&self, commit: &str, prefix: &str, project: &str, into: &Path) -> Result<()> {
        // The prefix ends in a slash, or is empty.
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", commit, "--"];
        let paths: Vec<String> =
            BESIDE.into_iter().chain([project]).map(|name| format!("{prefix}{name}")).collect();
        arguments.extend(paths.iter().map(String::as_str));
        let output = self.command(&arguments).output().map_err(|error| no_git(&error))?;
        if !output.status.success() {
            return Err(failed(&String::from_utf8_lossy(&output.stderr)));
        }
        let list = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut blobs = Vec::new();
        for line in list.split('\0').filter(|line| !line.is_empty()) {
            let Some((about, path)) = line.split_once('\t') else { continue };
            let mut words = about.split(' ');
            let (mode, kind, id) = (words.next(), words.next(), words.next());
            // A link leads out of the revision.
            if kind == Some("blob")
                && mode != Some("120000")
                && let (Some(id), Some(below)) = (id, path.strip_prefix(prefix))
                && Path::new(below).components().all(|part| matches!(part, Component::Normal(_)))
            {
                blobs.push((id.to_owned(), into.join(below)));
            }
        }
        self.blobs(&blobs)
    }

    /// Writes contents into files.
    fn blobs(&self, blobs: &[(String, PathBuf)]) -> Result<()> {
        let mut command = self.command(&["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| no_git(&error))?;
        let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("git cat-file has no input or output"));
        };
        let mut answers = BufReader::new(answers);
        for (id, path) in blobs {
            let mut read = || -> io::Result<Option<Vec<u8>>> {
                writeln!(asks, "{id}")?;
                asks.flush()?;
                let mut header = String::new();
                answers.read_line(&mut header)?;
                let size =
                    header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
                let Some(size) = size else { return Ok(None) };
                let mut content = Vec::new();
                // A line's end follows.
                answers.by_ref().take(size + 1).read_to_end(&mut content)?;
                content.pop();
                Ok(Some(content))
            };
            let content = read().map_err(|error| failed(&error.to_string()))?;
            let content = content.ok_or_else(|| {
                failed("an object of the revision is not here: fetch the whole repository, not a part of it")
            })?;
            let write = || -> io::Result<()> {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, content)
            };
            write().map_err(|error| unwritable(path, &error))?;
        }
        drop(asks);
        // It ends with its input; its answers were all read.
        let _ = child.wait();
        Ok(())
    }
}

fn no_git(error: &io::Error) -> Diagnostics {
    let diagnostic = if error.kind() == io::ErrorKind::NotFound {
        Diagnostic::error("no-git", "there is no `git` on this machine")
    } else {
        Diagnostic::error("no-git", format!("`git` cannot be run: {error}"))
    };
    diagnostic.help("install git, or compare with a folder: idgraph diff --base DIR").into()
}

fn unknown(revision: &str) -> Diagnostics {
    Diagnostic::error(
        "unknown-revision",
        format!("git knows no revision `{}`", revision.escape_debug()),
    )
    .help("name a branch, a tag or a commit that is here; `git fetch` brings those of the server")
    .into()
}

fn failed(said: &str) -> Diagnostics {
    Diagnostic::error("git-failed", "git could not read the revision")
        .note(said.trim().to_owned())
        .help("see whether `git fsck` finds the repository sound")
        .into()
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::error("unwritable", format!("cannot write {}: {error}", path.display()))
        .help("check the room and the rights of the folder for temporary files")
        .into()
}
