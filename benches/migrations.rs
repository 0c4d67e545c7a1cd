//! How long `idgraph migrate new` and `idgraph plan` take as migrations and events become many, as a user waits for them:
//! the whole process of the release binary, from spawn to exit.
//!
//! `cargo bench --bench migrations` starts a Postgres as the tests do and prints a Markdown table;
//! `benches/README.md` records one.

#[path = "warehouse/report.rs"]
#[allow(dead_code, reason = "the benchmark of the warehouse uses all of it")]
mod report;
#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use support::postgres::{Database, Server};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Migrations and track events: 200 and 500 is what a large space comes to after some years.
const SIZES: [(usize, usize); 4] = [(25, 62), (50, 125), (100, 250), (200, 500)];

/// How often each command runs, and how often before it is timed.
const RUNS: (usize, usize) = (9, 2);

/// The most that a command may take, at the largest size.
const TARGET: f64 = 1.0;

/// A project with its migrations and its database.
struct Space<'a> {
    folder: tempfile::TempDir,
    database: Database<'a>,
    events: usize,
}

fn main() -> Outcome<()> {
    // `cargo test --all-targets` runs this too, without the argument and without optimization: a small one is enough then.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (sizes, (runs, warm_up)) =
        if is_bench { (&SIZES[..], RUNS) } else { (&[(3, 2)][..], (1, 0)) };
    let server = Server::shared();
    report::machine(&mut Database::on(server).client())?;
    println!("- {runs} runs: median (fastest–slowest)");
    let columns =
        ["migrations, events", "`migrate new`", "`plan`, all applied", "`plan`, one pending", ""];
    report::section(
        "Migrations",
        "Each migration adds a trait; the first makes all tables.",
        &columns,
    );
    for (migrations, events) in sizes {
        let space = Space::new(server, *migrations, *events)?;
        let applied = times(runs, warm_up, || space.plan(0))?;
        space.write(migrations + 1)?;
        let new = times(runs, warm_up, || {
            let time = space.idgraph(&["migrate", "new"], 0)?;
            space.take_back(migrations + 1)?;
            Ok(time)
        })?;
        space.idgraph(&["migrate", "new"], 0)?;
        let pending = times(runs, warm_up, || space.plan(1))?;
        let slowest = [&new, &applied, &pending].map(|times| report::median(times));
        let slowest = slowest.into_iter().fold(0.0, f64::max);
        let is_last = Some(&(*migrations, *events)) == sizes.last();
        let verdict = if is_last { report::at_most(slowest, TARGET) } else { String::new() };
        report::row(&[
            format!("{migrations}, {events}"),
            report::seconds(&new),
            report::seconds(&applied),
            report::seconds(&pending),
            verdict,
        ]);
    }
    large(if is_bench { &LARGE } else { &[(20, 50)] }, (runs, warm_up))?;
    many(if is_bench { &MANY } else { &[10] }, (runs, warm_up))
}

/// Tables and columns of one migration.
const MANY: [usize; 3] = [5_000, 10_000, 20_000];

/// How `migrate check` grows with what one file makes and takes away.
fn many(sizes: &[usize], (runs, warm_up): (usize, usize)) -> Outcome<()> {
    let columns =
        ["of each", "DROP of all in one", "CREATE and DROP", "ADD COLUMN in one ALTER", ""];
    report::section(
        "Many names",
        "`migrate check` of a folder whose second migration names so many tables or columns.",
        &columns,
    );
    for size in sizes {
        let all = |one: &dyn Fn(usize) -> String, between: &str| -> String {
            (0..*size).map(one).collect::<Vec<_>>().join(between)
        };
        let directive = |at: usize| format!("-- idgraph: destructive models.t{at}\n");
        let dropped = format!(
            "{}DROP TABLE {};\n",
            all(&directive, ""),
            all(&|at| format!("models.t{at}"), ", ")
        );
        let pairs = all(
            &|at| {
                let made = format!("CREATE TABLE models.t{at} (x integer);\n");
                format!("{made}{}DROP TABLE models.t{at};\n", directive(at))
            },
            "",
        );
        let added = all(&|at| format!("ADD COLUMN c{at} integer"), ", ");
        let added = format!("ALTER TABLE models.large {added};\n");
        let mut times_of = Vec::new();
        for text in [dropped, pairs, added] {
            times_of.push(times(runs, warm_up, || checked(&text))?);
        }
        let slowest = times_of.iter().map(|times| report::median(times)).fold(0.0, f64::max);
        let is_last = Some(size) == sizes.last();
        let mut row = vec![size.to_string()];
        row.extend(times_of.iter().map(|times| report::seconds(times)));
        row.push(if is_last { report::at_most(slowest, TARGET) } else { String::new() });
        report::row(&row);
    }
    Ok(())
}

/// Rows of an INSERT, and SELECTs of a UNION ALL: seeds that somebody has put into a migration.
const LARGE: [(usize, usize); 3] = [(5_000, 12_500), (10_000, 25_000), (20_000, 50_000)];

/// How `migrate check` grows with the size of one statement.
fn large(sizes: &[(usize, usize)], (runs, warm_up): (usize, usize)) -> Outcome<()> {
    let columns = ["rows, SELECTs", "INSERT, a line a row", "INSERT, one line", "UNION ALL", ""];
    report::section(
        "Large statements",
        "`migrate check` of a folder whose second migration is one statement of that size.",
        &columns,
    );
    for (rows, selects) in sizes {
        let values = |between: &str| {
            let rows: Vec<String> = (0..*rows).map(|at| format!("({at}, 'text {at}')")).collect();
            format!("INSERT INTO models.large (x, y) VALUES {};\n", rows.join(between))
        };
        let union: Vec<String> = (0..*selects).map(|at| format!("SELECT {at}")).collect();
        let union = format!("INSERT INTO models.large (x)\n{};\n", union.join("\nUNION ALL\n"));
        let mut all = Vec::new();
        for text in [values(",\n"), values(", "), union] {
            all.push(times(runs, warm_up, || checked(&text))?);
        }
        let slowest = all.iter().map(|times| report::median(times)).fold(0.0, f64::max);
        let is_last = Some(&(*rows, *selects)) == sizes.last();
        let verdict = if is_last { report::at_most(slowest, TARGET) } else { String::new() };
        let mut row = vec![format!("{rows}, {selects}")];
        row.extend(all.iter().map(|times| report::seconds(times)));
        row.push(verdict);
        report::row(&row);
    }
    Ok(())
}

/// Seconds that `migrate check` takes of a folder with this statement in it.
fn checked(statement: &str) -> Outcome<f64> {
    let folder = tempfile::tempdir()?;
    let project = "space: acme\nmodels_schema: models\ndialects: [postgres]\ntraits: { columns: { email: varchar } }\n";
    fs::write(folder.path().join("idgraph.yml"), project)?;
    let run = |arguments: &[&str]| -> Outcome<f64> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
        command.current_dir(&folder).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed().as_secs_f64();
        if status.success() { Ok(time) } else { Err(format!("{command:?}: {status}").into()) }
    };
    run(&["migrate", "new"])?;
    let text = format!("CREATE TABLE models.large (x bigint, y text);\n{statement}");
    fs::write(folder.path().join("migrations/postgres/0002_large.sql"), text)?;
    run(&["migrate", "sum"])?;
    run(&["migrate", "check"])
}

/// Seconds that a command takes, some runs after the first ones.
fn times(runs: usize, warm_up: usize, run: impl Fn() -> Outcome<f64>) -> Outcome<Vec<f64>> {
    let all: Outcome<Vec<f64>> = (0..warm_up + runs).map(|_| run()).collect();
    Ok(all?.split_off(warm_up))
}

impl<'a> Space<'a> {
    /// With that many migrations, all of them applied.
    fn new(server: &'a Server, migrations: usize, events: usize) -> Outcome<Self> {
        let space = Self { folder: tempfile::tempdir()?, database: Database::on(server), events };
        for number in 1..=migrations {
            space.write(number)?;
            space.idgraph(&["migrate", "new"], 0)?;
        }
        space.idgraph(&["apply", "--target", "bench", "--yes"], 0)?;
        Ok(space)
    }

    /// The project that has so many traits.
    fn write(&self, traits: usize) -> Outcome<()> {
        let traits: String = (1..=traits).map(|at| format!("    trait_{at}: varchar\n")).collect();
        let event = |at| {
            format!(
                "  Event {at}: {{ properties: {{ total: float, currency: varchar, note: varchar }} }}\n"
            )
        };
        let events: String = (1..=self.events).map(event).collect();
        let text = format!(
            "space: acme\ndialects: [postgres]\ntraits:\n  columns:\n{traits}models:\n  resolved_events: {{}}\n\
             events:\n{events}targets:\n  bench: {{ engine: postgres, url: \"${{IDGRAPH_BENCH_URL}}\" }}\n"
        );
        Ok(fs::write(self.folder.path().join("idgraph.yml"), text)?)
    }

    /// Takes the migration of a number away again, with its place in the record.
    fn take_back(&self, number: usize) -> Outcome<()> {
        let folder = self.folder.path().join("migrations/postgres");
        let prefix = format!("{number:04}_");
        for file in fs::read_dir(&folder)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_file(file.path())?;
            }
        }
        restore(&folder)
    }

    fn plan(&self, code: i32) -> Outcome<f64> {
        self.idgraph(&["plan", "--target", "bench"], code)
    }

    /// Runs idgraph, which is to end with this code; the seconds that it took.
    fn idgraph(&self, arguments: &[&str], code: i32) -> Outcome<f64> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
        command
            .current_dir(&self.folder)
            .args(arguments)
            .env("IDGRAPH_BENCH_URL", self.database.url());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if arguments == ["migrate", "new"] {
            keep(&self.folder.path().join("migrations/postgres"))?;
        }
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed().as_secs_f64();
        if status.code() == Some(code) {
            Ok(time)
        } else {
            Err(format!("{command:?}: {status}").into())
        }
    }
}

/// The files that a new migration changes.
const RECORDS: [&str; 2] = ["idgraph.sum", "schema.json"];

/// Keeps the records as they are, beside the project.
fn keep(folder: &Path) -> Outcome<()> {
    for name in RECORDS.iter().filter(|name| folder.join(name).exists()) {
        fs::copy(folder.join(name), folder.join("../..").join(name))?;
    }
    Ok(())
}

/// Puts the records back.
fn restore(folder: &Path) -> Outcome<()> {
    for name in RECORDS {
        fs::copy(folder.join("../..").join(name), folder.join(name))?;
    }
    Ok(())
}
