//! The command line: what each command takes, and its exit code.

mod adopted;
mod annotations;
mod apply;
mod behind;
mod build;
mod check;
mod checked;
mod confirm;
mod demo;
mod dialect;
mod diff;
mod difference;
mod docs;
mod explain;
mod found;
mod gone;
mod in_full;
mod init;
mod introspect;
mod lineage;
mod lint;
mod markdown;
mod migrate;
mod migrated;
mod output;
mod plan;
mod played;
mod refresh;
mod render;
mod reviewed;
mod running;
mod show;
mod snapshot;
mod status;
mod test;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::diagnostic::{Diagnostic, Result, meant};
use crate::dialect::Library;
use crate::project::{Known, Model, Project};
use crate::warehouse::Warehouse;
use crate::{emit, engine, files, visible};

/// One small YAML file becomes the SQL of a customer-profile warehouse.
#[derive(Debug, Parser)]
#[command(
    name = "idgraph",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 fine; 1 a check found something; 2 the command could not do its work; 3 you answered no.\n\
                  Ctrl-C rolls back what is running (2), twice ends at once (130).\n\
                  Start with: idgraph demo"
)]
pub struct Arguments {
    /// The project file [default: idgraph.yml, here or in a folder above, up to the repository's]
    #[arg(long, global = true, value_name = "FILE")]
    project: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the document's case study, from landed rows to profiles, on embedded SQLite
    #[command(
        after_help = "Example: idgraph demo\nMakes the folder idgraph-demo: a project, its database and its SQL."
    )]
    Demo(demo::Arguments),
    /// Write a commented idgraph.yml and a first fixture to start from; never overwrites
    #[command(after_help = "Example: idgraph init warehouse")]
    Init(init::Arguments),
    /// Add to idgraph.yml what has landed: traits, events with their properties, context fields
    #[command(
        after_help = "Examples:\n  idgraph introspect --target warehouse\n  idgraph introspect --print-query --dialect snowflake\n  idgraph introspect --from columns.csv --dialect snowflake"
    )]
    Introspect(introspect::Arguments),
    /// Write the SQL of every dialect, one file a model
    #[command(
        after_help = "Examples:\n  idgraph render\n  idgraph render --check\n  idgraph render --dialect postgres --select id_graph --stdout"
    )]
    Render(render::Arguments),
    /// Check the project for what will go wrong later; every rule has a page
    #[command(
        after_help = "Examples:\n  idgraph lint\n  idgraph lint --deny-warnings --format github\nTo silence a rule on its line or the next: # idgraph: allow RULE reason\nRules: https://github.com/idgraph/idgraph/tree/main/docs/rules"
    )]
    Lint(lint::Arguments),
    /// Land the rows of fixtures in a database of their own and compare the tables with those expected
    #[command(
        after_help = "Examples:\n  idgraph test\n  idgraph test fixtures/case-study.yml --target warehouse\n  idgraph test --update"
    )]
    Test(test::Arguments),
    /// What a change of the project does: objects by meaning, migrations, SQL line by line
    #[command(
        after_help = "Examples:\n  idgraph diff\n  idgraph diff v1.2 --format markdown\n  idgraph diff --base ../main\n  idgraph diff --target warehouse\nExits 0 when nothing differs, 1 when something does, 2 when it could not compare."
    )]
    Diff(diff::Arguments),
    /// All that CI checks, in one run: render --check, lint, migrate check, test, and what the change does
    #[command(
        after_help = "Examples:\n  idgraph check\n  idgraph check main --deny-warnings\n  idgraph check --no-diff\nChecks whose folder the project does not have are not run, and said so."
    )]
    Check(check::Arguments),
    /// Where tables and columns come from, read off the SQL
    #[command(
        after_help = "Examples:\n  idgraph lineage profile_traits.email\n  idgraph lineage --format mermaid"
    )]
    Lineage(lineage::Arguments),
    /// Write a site about the project: every table and column, lineage as pictures, all SQL
    #[command(
        after_help = "Examples:\n  idgraph docs\n  idgraph docs --out public\n  idgraph docs --check\nThe site needs no server: open docs-site/index.html"
    )]
    Docs(docs::Arguments),
    /// Show what an apply would do to a target, how it differs already, and what to mind; changes nothing
    #[command(
        after_help = "Examples:\n  idgraph plan --target warehouse\n  idgraph plan --target warehouse --verbose\n  idgraph plan --target warehouse --format markdown\nExits 1 when there is something to do."
    )]
    Plan(plan::Arguments),
    /// Run the pending migrations; without any, create what is missing and build the models
    #[command(
        after_help = "Examples:\n  idgraph apply --target local\n  idgraph apply --target warehouse --dry-run\n  idgraph apply --target warehouse --to 7 --yes"
    )]
    Apply(apply::Arguments),
    /// Bring the models up to date with what landed since
    #[command(
        after_help = "Examples:\n  idgraph refresh --target warehouse\n  idgraph refresh --target warehouse --full"
    )]
    Refresh(refresh::Arguments),
    /// Write, check and record migrations; no database is needed
    #[command(
        after_help = "Examples:\n  idgraph migrate new add_plan\n  idgraph migrate check\n  idgraph migrate sum"
    )]
    Migrate(migrate::Arguments),
    /// Show which migrations a database has run, what is pending, and how old its tables are
    #[command(
        after_help = "Examples:\n  idgraph status --target warehouse\n  idgraph status --target warehouse --format json"
    )]
    Status(status::Arguments),
    /// Print the rows of a table
    #[command(after_help = "Example: idgraph show id_graph --target local --limit 5 --format csv")]
    Show(show::Arguments),
    /// Compute every model anew and compare it with the tables as they stand; changes nothing
    #[command(
        after_help = "Examples:\n  idgraph verify --target warehouse\n  idgraph verify --target warehouse --keys --limit 5 --format json"
    )]
    Verify(verify::Arguments),
    /// Say why a profile is what it is, from the landed rows that decided; changes nothing
    #[command(
        after_help = "Examples:\n  idgraph explain use_1x2y3z --target warehouse\n  idgraph explain --external-id email=ada@example.com"
    )]
    Explain(explain::Arguments),
    /// What each dialect can do, and where each fact and template comes from
    #[command(after_help = "Examples:\n  idgraph dialect list\n  idgraph dialect show snowflake")]
    Dialect(dialect::Arguments),
    /// Print the JSON Schema of idgraph.yml, for editors
    #[command(
        after_help = "Example: idgraph schema > idgraph.schema.json\nThen begin idgraph.yml with: # yaml-language-server: $schema=idgraph.schema.json"
    )]
    Schema {
        /// Of the project's fixtures instead: its tables and columns are their keys
        #[arg(long)]
        fixture: bool,
    },
    /// Print completions for a shell
    #[command(after_help = "Example: idgraph completions bash > /etc/bash_completion.d/idgraph")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How a command ended, when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// All is well.
    Fine,
    /// It was asked to check something and found something.
    Found,
    /// It could not do all of its work, and has said why.
    Failed,
    /// It asked, and the answer was no.
    Declined,
}

/// Runs a command; says on stderr why it could not.
pub fn run(arguments: &Arguments) -> ExitCode {
    match execute(arguments) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Ok(Verdict::Failed) => ExitCode::from(2),
        Ok(Verdict::Declined) => ExitCode::from(3),
        Err(diagnostics) => {
            for diagnostic in diagnostics.iter() {
                output::message(format_args!("{}\n", diagnostic.render(true)));
            }
            let count = diagnostics.iter().count();
            if count > 1 {
                output::message(format_args!("{count} errors; nothing was done"));
            }
            ExitCode::from(2)
        }
    }
}

fn execute(arguments: &Arguments) -> Result<Verdict> {
    let given = arguments.project.as_deref();
    let project = &match &arguments.command {
        // They make one, or need none.
        Command::Demo(_) | Command::Init(_) | Command::Completions { .. } => PathBuf::new(),
        _ => found::project(given),
    };
    match &arguments.command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Introspect(arguments) => introspect::run(project, arguments),
        Command::Render(arguments) => {
            render::run(&Opened::read_for(project, arguments.target.as_deref())?, arguments)
        }
        Command::Lint(arguments) => lint::run(&Opened::read(project)?, arguments),
        Command::Test(arguments) => {
            test::run(&Opened::read_for(project, arguments.target.as_deref())?, arguments)
        }
        Command::Diff(arguments) => {
            diff::run(&Opened::read_for(project, arguments.target.as_deref())?, arguments)
        }
        Command::Check(arguments) => check::run(project, arguments),
        Command::Lineage(arguments) => lineage::run(&Opened::read(project)?, arguments),
        Command::Docs(arguments) => docs::run(&Opened::read(project)?, arguments),
        Command::Apply(arguments) => {
            apply::run(&Opened::on(project, &arguments.options.target)?, arguments)
        }
        Command::Plan(arguments) => plan::run(&Opened::on(project, &arguments.target)?, arguments),
        Command::Refresh(arguments) => {
            refresh::run(&Opened::on(project, &arguments.options.target)?, arguments)
        }
        Command::Migrate(arguments) => migrate::run(&Opened::read(project)?, arguments),
        Command::Status(arguments) => {
            status::run(&Opened::on(project, &arguments.target)?, arguments)
        }
        Command::Show(arguments) => show::run(&Opened::on(project, &arguments.target)?, arguments),
        Command::Verify(arguments) => {
            verify::run(&Opened::on(project, &arguments.target)?, arguments)
        }
        Command::Explain(arguments) => {
            explain::run(&Opened::on(project, &arguments.target)?, arguments)
        }
        Command::Dialect(arguments) => dialect::run(project, arguments),
        Command::Schema { fixture } => {
            let schema = if *fixture {
                crate::fixture::json_schema(&Warehouse::of(&Opened::read(project)?.project))
            } else {
                crate::project::json_schema()
            };
            output::line(&serde_json::to_string_pretty(&schema).unwrap_or_default())?;
            Ok(Verdict::Fine)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "idgraph", &mut script);
            output::text(&String::from_utf8_lossy(&script))?;
            Ok(Verdict::Fine)
        }
    }
}

/// Help for a model's name that is none of `names`: how to have it where it is off, or which may have been meant.
fn named(name: &str, names: &[&str]) -> String {
    if Model::ALL.iter().any(|model| model.name() == name) {
        return "that model is off: name it under `models` to have it".to_owned();
    }
    meant(name, names)
}

/// What an apply would have made.
fn not_there(code: &'static str, what: &str) -> Diagnostic {
    Diagnostic::error(code, format!("there is no {what} in the database"))
        .help("`idgraph apply` creates what is missing")
}

/// What a project may name.
fn known(library: &Library) -> Known {
    Known { dialects: library.names(), engines: crate::engine::known() }
}

/// A project, and the dialects that it can see.
struct Opened {
    project: Project,
    library: Library,
    /// The target that the command is about; empty where it is about none.
    target: String,
}

impl Opened {
    fn read(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        emit::recover(folder)?;
        files::within(folder, path)?;
        let library = Library::beside(folder);
        let project = Project::read(path, &known(&library))?;
        Ok(Self { project, library, target: String::new() })
    }

    /// As [`Opened::read`], for a command about a target: with its schemas.
    fn on(path: &Path, target: &Option<String>) -> Result<Self> {
        let opened = Self::read(path)?;
        let target = engine::meant_target(&opened.project, target.as_deref())?.to_owned();
        Ok(Self { project: opened.project.on(&target), library: opened.library, target })
    }

    /// The same where it may be about none.
    fn read_for(path: &Path, target: Option<&str>) -> Result<Self> {
        match target {
            Some(name) => Self::on(path, &Some(name.to_owned())),
            None => Self::read(path),
        }
    }

    /// A folder beside the project file, which no link leads elsewhere.
    fn folder_within(&self, name: &str) -> Result<PathBuf> {
        let folder = self.project.path.with_file_name(name);
        files::within(self.project.folder(), &folder)?;
        Ok(folder)
    }

    /// What the project file is called in rendered SQL, wherever it stands. It goes into a comment, which a line
    /// end would end.
    fn file_name(&self) -> String {
        let name = self.project.path.file_name().unwrap_or("idgraph.yml".as_ref());
        let visible = |char: char| if visible::steers(char) { ' ' } else { char };
        name.to_string_lossy().chars().map(visible).collect()
    }
}
