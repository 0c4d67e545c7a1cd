//! The kinds of input: what is mutated, the project that it stands in, and the commands that read it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{fs, process};

use crate::dice::Dice;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Project,
    Fixture,
    Migration,
    Sum,
    Schema,
    Template,
    Dialect,
    Export,
    Landed,
}

/// An input: a file's text, and which file of a project it is.
#[derive(Debug, Clone)]
pub struct Input {
    /// Where it stands in the project.
    pub path: String,
    /// The dialect that it is about.
    pub dialect: String,
    pub bytes: Vec<u8>,
    /// What stands there in place of a file with these bytes.
    pub instead: Option<Instead>,
}

/// What is no file, or another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    Pipe,
    LinkToZeros,
    LinkToItself,
    Folder,
}

impl Instead {
    pub const ALL: [Self; 4] = [Self::Pipe, Self::LinkToZeros, Self::LinkToItself, Self::Folder];

    /// Makes it.
    pub fn make(self, path: &Path) {
        let made = match self {
            Self::Pipe => process::Command::new("mkfifo").arg(path).status().map(|_| ()),
            Self::LinkToZeros => symlink("/dev/zero", path),
            Self::LinkToItself => symlink(path, path),
            Self::Folder => fs::create_dir(path),
        };
        made.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

impl Input {
    /// Whether it is a fixture.
    pub fn is_fixture(&self) -> bool {
        self.path == FIXTURE
    }

    /// Whether it is a template.
    pub fn is_template(&self) -> bool {
        self.path.starts_with("dialects/own/templates/")
    }
}

/// A command line, and what must hold after it has ended well.
#[derive(Debug, Clone)]
pub struct Command {
    pub arguments: Vec<&'static str>,
    /// What has to be run before, whatever comes of it.
    pub before: Option<&'static [&'static str]>,
    /// What must exit with 0 after it did.
    pub then: Option<&'static [&'static str]>,
}

const DIALECTS: [&str; 8] =
    ["bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake", "sqlite", "synapse"];

/// A project for the fixtures of the conformance suite.
const CONFORMANCE: &str = "space: acme
dialects: [sqlite]
traits:
  from: profile_traits_updates
  columns: { email: varchar, plan: varchar, visits: integer, score: float, is_vip: boolean, seen: timestamp, order: varchar }
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
  user_traits: { materialized: incremental, name: long_traits }
  user_identifiers: { name: identifiers }
  profile_merges: { materialized: view, name: merges }
";

const PROJECT: &str = "idgraph.yml";
const FIXTURE: &str = "fixtures/fuzzed.yml";
const MIGRATIONS: &str = "migrations/postgres";

/// For each dialect an export of a catalog, the project that it leads to, and the record of what has landed.
const EXPORTS: &str = "tests/introspect/exports";

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Project,
        Self::Fixture,
        Self::Migration,
        Self::Sum,
        Self::Schema,
        Self::Template,
        Self::Dialect,
        Self::Export,
        Self::Landed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Fixture => "fixture",
            Self::Migration => "migration",
            Self::Sum => "sum",
            Self::Schema => "schema",
            Self::Template => "template",
            Self::Dialect => "dialect",
            Self::Export => "export",
            Self::Landed => "landed",
        }
    }

    /// What it is mutated from: files of this repository.
    pub fn seeds(self) -> Vec<Input> {
        match self {
            Self::Project => projects(),
            Self::Fixture => fixtures(),
            Self::Migration => from(&["tests/migrations/written", "examples"], "sql", |path| {
                let name = path.file_name()?.to_str()?;
                let dialect = name.split('.').next().filter(|name| DIALECTS.contains(name));
                let dialect = dialect.unwrap_or("postgres").to_owned();
                let down = if name.ends_with(".down.sql") { ".down" } else { "" };
                Some((format!("migrations/{dialect}/0002_fuzzed{down}.sql"), dialect))
            }),
            Self::Sum => from(&["examples"], "sum", |_| {
                Some((format!("{MIGRATIONS}/idgraph.sum"), "postgres".to_owned()))
            }),
            Self::Schema => from(&["examples"], "json", |path| {
                let is_one = path.file_name()? == "schema.json";
                is_one.then(|| (format!("{MIGRATIONS}/schema.json"), "postgres".to_owned()))
            }),
            Self::Template => from(&["templates", "dialects"], "sql", |path| {
                let text = path.to_str()?;
                let (front, name) = text.rsplit_once("templates/")?;
                let dialect = front.trim_end_matches('/').rsplit('/').next();
                let dialect = dialect.filter(|name| DIALECTS.contains(name));
                let dialect = dialect.unwrap_or("postgres").to_owned();
                Some((format!("dialects/own/templates/{name}"), dialect))
            }),
            Self::Dialect => from(&["dialects"], "yml", |path| {
                let dialect = path.parent()?.file_name()?.to_str()?.to_owned();
                Some(("dialects/own/dialect.yml".to_owned(), dialect))
            }),
            Self::Export => exports(),
            Self::Landed => from(&[EXPORTS], "json", |path| {
                let dialect = path.file_stem()?.to_str()?.to_owned();
                Some(("landed.json".to_owned(), dialect))
            }),
        }
    }

    /// The other files of the project.
    pub fn around(self, input: &Input) -> Vec<(String, Vec<u8>)> {
        let dialect = match self {
            Self::Template | Self::Dialect => "own",
            _ => &input.dialect,
        };
        let project = format!(
            "space: acme\ndialects: [{dialect}]\nevents: {{ Order Completed: {{ properties: {{ total: float }} }} }}\n\
             traits:\n  columns: {{ email: varchar, plan: varchar, visits: integer, seen: timestamp }}\n"
        );
        let mut files = vec![(PROJECT.to_owned(), project.into_bytes())];
        match self {
            Self::Fixture if input.dialect == "postgres" => {
                let main = root().join("examples/bookshop/main");
                files[0].1 = fs::read(main.join(PROJECT)).expect("read");
            }
            Self::Fixture => {
                files[0].1 = CONFORMANCE.as_bytes().to_vec();
            }
            Self::Sum | Self::Schema | Self::Migration if input.dialect == "postgres" => {
                let main = root().join("examples/bookshop/main");
                files[0].1 = fs::read(main.join(PROJECT)).expect("read");
                for path in under(&main.join(MIGRATIONS)) {
                    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                    let bytes = fs::read(&path).expect("read");
                    files.push((format!("{MIGRATIONS}/{name}"), bytes));
                }
            }
            Self::Template => {
                let facts = format!("inherits: {}\ntitle: Own\n", input.dialect);
                files.push(("dialects/own/dialect.yml".to_owned(), facts.into_bytes()));
            }
            Self::Landed => {
                let beside =
                    |extension| root().join(EXPORTS).join(dialect).with_extension(extension);
                files[0].1 = fs::read(beside("yml")).expect("read");
                files.push(("export".to_owned(), fs::read(beside("csv")).expect("read")));
            }
            _ => {}
        }
        files.retain(|(path, _)| *path != input.path);
        files
    }

    /// One of the commands that read it.
    pub fn command(self, dice: &mut Dice) -> Command {
        let plain = |arguments: &[&'static str]| Command {
            arguments: arguments.to_vec(),
            before: None,
            then: None,
        };
        let then = |arguments: &[&'static str], then: &'static [&'static str]| Command {
            then: Some(then),
            ..plain(arguments)
        };
        let render = then(&["render"], &["render", "--check"]);
        let choices = match self {
            Self::Project => vec![
                render.clone(),
                render,
                plain(&["lint"]),
                plain(&["lint", "--format", "gitlab"]),
                plain(&["lineage", "--format", "mermaid"]),
                plain(&["lineage", "profile_traits"]),
                then(&["docs"], &["docs", "--check"]),
                plain(&["check", "--no-diff"]),
                then(&["migrate", "new", "fuzzed"], &["migrate", "check"]),
                plain(&["schema", "--fixture"]),
                plain(&["render", "--landed"]),
                plain(&["test"]),
            ],
            Self::Fixture => vec![
                plain(&["test"]),
                plain(&["test", "--format", "junit"]),
                plain(&["test", "--format", "json"]),
                then(&["test", "--update"], &["test"]),
                plain(&["docs"]),
            ],
            Self::Migration => vec![
                plain(&["migrate", "check"]),
                Command { before: Some(&["migrate", "sum"]), ..plain(&["migrate", "check"]) },
                Command { before: Some(&["migrate", "sum"]), ..plain(&["migrate", "new", "more"]) },
                plain(&["migrate", "sum"]),
            ],
            Self::Sum | Self::Schema => vec![
                plain(&["migrate", "check"]),
                plain(&["migrate", "sum"]),
                plain(&["migrate", "new", "more"]),
            ],
            Self::Template => vec![render, plain(&["dialect", "show", "own"]), plain(&["docs"])],
            Self::Dialect => vec![
                render,
                plain(&["dialect", "show", "own"]),
                plain(&["dialect", "list"]),
                plain(&["lint"]),
                plain(&["migrate", "new"]),
            ],
            Self::Landed => vec![
                render,
                plain(&["lint"]),
                plain(&["lineage", "profile_traits"]),
                then(&["docs"], &["docs", "--check"]),
                then(&["migrate", "new", "fuzzed"], &["migrate", "check"]),
                plain(&["render", "--landed"]),
                then(
                    &["introspect", "--from", "export", "--dialect", "DIALECT"],
                    &["introspect", "--from", "export", "--check", "--dialect", "DIALECT"],
                ),
            ],
            Self::Export => vec![
                plain(&["introspect", "--from", "export", "--check", "--dialect", "DIALECT"]),
                then(
                    &["introspect", "--from", "export", "--dialect", "DIALECT"],
                    &["introspect", "--from", "export", "--check", "--dialect", "DIALECT"],
                ),
            ],
        };
        dice.pick(&choices).clone()
    }
}

/// All that stand in the repository; those without a mistake come more often.
fn projects() -> Vec<Input> {
    let is_wrong = |path: &Path| path.to_string_lossy().contains("mistakes");
    let of = |wrong: bool| {
        from(&["tests", "examples"], "yml", |path| {
            let text = path.to_string_lossy();
            let is_other = text.contains("fixture") || text.contains("conformance");
            let is_wanted = !is_other && is_wrong(path) == wrong;
            is_wanted.then(|| (PROJECT.to_owned(), "postgres".to_owned()))
        })
    };
    let good = of(false);
    let mut inputs = of(true);
    while inputs.len() < 4 * good.len() {
        inputs.extend(good.iter().cloned());
    }
    inputs
}

/// Those of the example, and those of the conformance suite, which have no rows that are expected.
fn fixtures() -> Vec<Input> {
    let mut inputs = from(&["examples", "tests/fixture-mistakes"], "yml", |path| {
        let is_one = path.to_string_lossy().contains("fixture");
        is_one.then(|| (FIXTURE.to_owned(), "postgres".to_owned()))
    });
    let conformance = from(&["tests/conformance/fixtures"], "yml", |_| {
        Some((FIXTURE.to_owned(), "sqlite".to_owned()))
    });
    for mut input in conformance {
        input
            .bytes
            .extend_from_slice(b"    expect:\n      id_graph: []\n      profile_traits: []\n");
        inputs.push(input);
    }
    inputs
}

/// CSV as it is in the repository, and the same rows as JSON.
fn exports() -> Vec<Input> {
    let mut inputs = from(&[EXPORTS], "csv", |path| {
        let dialect = path.file_stem()?.to_str()?.to_owned();
        Some(("export".to_owned(), dialect))
    });
    for index in 0..inputs.len() {
        let text = String::from_utf8_lossy(&inputs[index].bytes).into_owned();
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        let row = |cells: Vec<&str>| {
            let cells = names.iter().zip(cells).map(|(name, cell)| {
                format!("\"{name}\": \"{}\"", cell.trim_matches('"').replace('"', "\\\""))
            });
            format!("{{{}}}", cells.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<_> = lines.take(40).map(row).collect();
        let bytes = format!("[{}]\n", rows.join(",\n")).into_bytes();
        inputs.push(Input { bytes, ..inputs[index].clone() });
    }
    inputs
}

/// The files of some folders whose names end so, as `input` says.
fn from(
    folders: &[&str],
    extension: &str,
    input: impl Fn(&Path) -> Option<(String, String)>,
) -> Vec<Input> {
    let mut inputs = Vec::new();
    for folder in folders {
        for path in under(&root().join(folder)) {
            if path.extension().is_none_or(|found| found != extension) {
                continue;
            }
            if let Some((place, dialect)) = input(&path) {
                let bytes = fs::read(&path).expect("read");
                inputs.push(Input { path: place, dialect, bytes, instead: None });
            }
        }
    }
    inputs
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of a folder and those below it, in a stable order.
fn under(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| if path.is_dir() { under(&path) } else { vec![path] })
        .collect()
}
