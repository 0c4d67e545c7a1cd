//! `dbt compile` of Segment's package beside `idgraph render` of the same three models: what each does before a
//! statement that builds something runs.
//!
//! dbt asks the warehouse while it compiles, so this starts a Postgres as the tests do, with the landed tables in it. The package is
//! used as it is: what it needs to be told is told on dbt's command line.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use postgres::config::Host;

use crate::support::postgres::{Database, Server};
use crate::{Runs, measure, render};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What pip installs.
const VERSIONS: [&str; 2] = ["dbt-core==1.11.16", "dbt-postgres==1.10.2"];

/// The package's models that idgraph has, too.
const MODELS: [&str; 3] = ["id_graph", "external_id_mapping", "profile_traits"];

/// How often dbt runs: it takes seconds.
const RUNS: Runs = Runs { warm_up: 1, timed: 9, watched: 1 };

/// Where rows land, for both.
const PROJECT: &str = "space: acme\ndialects: [postgres]\ntraits:\n  columns:\n";

/// As many traits as a usual project has.
const TRAITS: usize = 50;

/// Prints the rows of both.
pub fn compare(package: &Path, runs: Runs) -> Outcome<()> {
    let package = fs::canonicalize(package)?;
    let dbt = install()?;
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("idgraph.yml");
    let traits: String = (0..TRAITS).map(|at| format!("    trait_{at}: varchar\n")).collect();
    fs::write(&project, format!("{PROJECT}{traits}"))?;
    let database = Database::on(Server::shared());
    land(&database, &project, &folder.path().join("landed"))?;
    fs::write(folder.path().join("profiles.yml"), profile(&database)?)?;
    let command = |name: &str, models: &[&str], target: &Path| {
        let mut command = Command::new(&dbt);
        command.arg(name).arg("--project-dir").arg(&package);
        command.arg("--profiles-dir").arg(folder.path()).args(["--profile", "bench"]);
        command.args(["--vars", "{schema_name: acme}"]);
        command.arg("--target-path").arg(target).arg("--log-path").arg(folder.path().join("logs"));
        command.args(["--threads", "4", "--select"]).args(models);
        // What it would tell its makers.
        command.env("DBT_SEND_ANONYMOUS_USAGE_STATS", "false").env("DO_NOT_TRACK", "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let warm = folder.path().join("warm");
    // Its others ask this one's table while they are compiled, and fail where there is none.
    said(command("run", &MODELS[..1], &warm))?;
    said(command("compile", &MODELS, &warm))?;
    let few = RUNS.at_most(runs);
    measure("`dbt compile`, nothing parsed before", few, &mut |count| {
        command("compile", &MODELS, &folder.path().join(format!("cold-{count}")))
    })?;
    measure("`dbt compile`, parsed before", few, &mut |_| command("compile", &MODELS, &warm))?;
    measure("`idgraph render` of the same models, every file new", runs, &mut |count| {
        render(&project, &folder.path().join(format!("new-{count}")))
    })?;
    println!(
        "\n{}, {TRAITS} traits; `dbt run --select {}` came before.",
        VERSIONS.join(", "),
        MODELS[0]
    );
    Ok(())
}

/// dbt in a virtual environment under `target/`, made once.
fn install() -> Outcome<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(VERSIONS.join("-").replace("==", "-"));
    let dbt = folder.join("bin/dbt");
    if !dbt.exists() {
        said(command_of("python3", &["-m", "venv"], &folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet"]).args(VERSIONS);
        said(pip)?;
    }
    Ok(dbt)
}

fn command_of(program: &str, arguments: &[&str], path: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    command
}

/// Makes the landed tables, as idgraph renders them.
fn land(database: &Database<'_>, project: &Path, out: &Path) -> Outcome<()> {
    let mut command = render(project, out);
    command.arg("--landed");
    said(command)?;
    let sql = fs::read_to_string(out.join("postgres").join("landed_tables.sql"))?;
    Ok(database.client().batch_execute(&sql)?)
}

/// dbt's way to the database.
fn profile(database: &Database<'_>) -> Outcome<String> {
    let config: postgres::Config = database.url().parse()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        _ => return Err("dbt takes a host".into()),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let user = config.get_user().unwrap_or("postgres");
    let password = String::from_utf8_lossy(config.get_password().unwrap_or_default());
    // JSON is YAML.
    let output = serde_json::json!({
        "type": "postgres", "host": host, "port": port, "user": user, "password": password,
        "dbname": database.name(), "schema": "built", "threads": 4,
    });
    let profile = serde_json::json!({ "bench": { "target": "it", "outputs": { "it": output } } });
    Ok(serde_json::to_string(&profile)?)
}

/// Runs a command to its end; where it fails, with what it said.
fn said(mut command: Command) -> Outcome<()> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{command:?}: {}\n{said}{errors}", output.status).into())
}
