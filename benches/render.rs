//! How long idgraph takes to start and to render, as a user waits for it: the whole process, from spawn to exit.
//!
//! `cargo bench --bench render` prints a Markdown table. `benches/README.md` records one. `-- --dbt FOLDER` compares with
//! dbt, where FOLDER is a clone of <https://github.com/segmentio/profiles-sync-dbt>.

#[path = "render/dbt.rs"]
mod dbt;
mod memory;
#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The project that is rendered: every kind of setting, four dialects.
const PROJECT: &str = include_str!("../tests/rendered/idgraph.yml");

/// How often a command runs.
#[derive(Clone, Copy)]
struct Runs {
    /// Before the measured ones, so that the binary is in the page cache.
    warm_up: usize,
    timed: usize,
    /// Runs whose memory is watched. Watching takes a core, so these are not timed.
    watched: usize,
}

const RUNS: Runs = Runs { warm_up: 5, timed: 30, watched: 30 };

/// For the largest projects, which take a second each.
const FEW: Runs = Runs { warm_up: 1, timed: 9, watched: 3 };

/// `cargo test --all-targets` runs this too, without the argument and without optimization: once is enough then.
const ONCE: Runs = Runs { warm_up: 0, timed: 1, watched: 1 };

impl Runs {
    fn at_most(self, other: Self) -> Self {
        Self {
            warm_up: self.warm_up.min(other.warm_up),
            timed: self.timed.min(other.timed),
            watched: self.watched.min(other.watched),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let package = arguments.iter().position(|argument| argument == "--dbt");
    let package =
        package.map(|at| arguments.get(at + 1).ok_or("--dbt wants a folder")).transpose()?;
    let runs = if is_bench { RUNS } else { ONCE };
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("idgraph.yml");
    fs::write(&project, PROJECT)?;
    let kept = folder.path().join("kept");

    println!("| command | min | median | max | peak memory |");
    println!("| --- | --: | --: | --: | --: |");
    measure("`idgraph --version`", runs, &mut |_| idgraph(&["--version"]))?;
    measure("`idgraph render`, every file new", runs, &mut |count| {
        render(&project, &folder.path().join(format!("new-{count}")))
    })?;
    measure("`idgraph render`, nothing to change", runs, &mut |_| render(&project, &kept))?;
    // How it grows: a usual project in every dialect, then one dialect and ever more of everything.
    let every = all_dialects()?.join(", ");
    let grows = [
        Size { dialects: &every, traits: 50, events: 100, properties: 20, views: true },
        Size { dialects: "postgres", traits: 50, events: 500, properties: 50, views: true },
        Size { dialects: "postgres", traits: 500, events: 1_000, properties: 50, views: true },
        Size { dialects: "postgres", traits: 500, events: 2_000, properties: 50, views: true },
    ];
    // Postgres has no room for 5,000 traits in a table; BigQuery has.
    let most = [("postgres", 1_500), ("bigquery", 5_000)].map(|(dialects, traits)| {
        let size = Size { dialects, traits, events: 5_000, properties: 50, views: false };
        [size, Size { views: true, ..size }]
    });
    let small = [Size { dialects: &every, traits: 5, events: 5, properties: 5, views: true }];
    let (grows, most) =
        if is_bench { (&grows[..], most.as_flattened()) } else { (&small[..], &[][..]) };
    let sizes = grows.iter().map(|size| (size, runs));
    let sizes = sizes.chain(most.iter().map(|size| (size, runs.at_most(FEW))));
    for (number, (size, runs)) in sizes.enumerate() {
        let project = folder.path().join(format!("size-{number}.yml"));
        fs::write(&project, project_of(size))?;
        let out = folder.path().join(format!("size-{number}"));
        measure(&size.to_string(), runs, &mut |_| render(&project, &out))?;
    }
    match package {
        Some(package) => dbt::compare(Path::new(package), runs),
        None => {
            println!(
                "\nNot compared with dbt: for that, `-- --dbt FOLDER`, a clone of Segment's profiles-sync-dbt."
            );
            Ok(())
        }
    }
}

/// Prints a command's row: its times, and its memory.
fn measure(
    what: &str,
    runs: Runs,
    command: &mut dyn FnMut(usize) -> Command,
) -> Result<(), Box<dyn Error>> {
    let mut count = 0;
    let mut next = || {
        count += 1;
        command(count)
    };
    for _ in 0..runs.warm_up {
        time(&mut next())?;
    }
    let mut times = Vec::new();
    for _ in 0..runs.timed {
        times.push(time(&mut next())?);
    }
    times.sort();
    let mut memory = None;
    for _ in 0..runs.watched {
        memory = memory.max(peak_memory(&mut next())?);
    }
    let memory =
        memory.map_or("not seen".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    let (min, median, max) = (times.first(), times.get(times.len() / 2), times.last());
    let [min, median, max] = [min, median, max].map(|time| milliseconds(time.copied()));
    println!("| {what} | {min} | {median} | {max} | {memory} |");
    Ok(())
}

/// The dialects of this repository.
fn all_dialects() -> Result<Vec<String>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialects");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        names.extend(
            path.is_dir().then(|| path.file_name().map(|n| n.to_string_lossy().into())).flatten(),
        );
    }
    names.sort();
    Ok(names)
}

/// How much is in a project.
#[derive(Clone, Copy)]
struct Size<'a> {
    /// Their names, as the project file lists them.
    dialects: &'a str,
    traits: u32,
    events: u32,
    properties: u32,
    /// Whether each event has a view, or the models are those that come by themselves.
    views: bool,
}

impl fmt::Display for Size<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { traits, events, properties, .. } = self;
        let dialects = if self.dialects.contains(',') { "every dialect" } else { self.dialects };
        let views = if self.views { ", each with a view" } else { "" };
        write!(f, "{dialects}: {traits} traits, {events} events of {properties} properties{views}")
    }
}

fn project_of(size: &Size<'_>) -> String {
    let Size { dialects, traits, events, properties, views } = *size;
    let types = |number: u32| ["varchar", "integer", "float"][number as usize % 3];
    let mut text = format!("space: acme\ndialects: [{dialects}]\ntraits:\n  columns:\n");
    for number in 0..traits {
        text += &format!("    trait_{number}: {}\n", types(number));
    }
    if views {
        text += "models:\n  resolved_events: { materialized: view }\n";
    }
    text += "events:\n";
    for event in 0..events {
        text += &format!("  Event Number {event}:\n    properties:\n");
        for number in 0..properties {
            text += &format!("      prop_{number}: {}\n", types(number));
        }
    }
    text
}

fn idgraph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn render(project: &Path, out: &Path) -> Command {
    let mut command = idgraph(&["render"]);
    command.arg("--project").arg(project).arg("--out").arg(out);
    command
}

fn time(command: &mut Command) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let status = command.status()?;
    let time = start.elapsed();
    if status.success() { Ok(time) } else { Err(format!("{command:?}: {status}").into()) }
}

/// The most memory that a process was seen to hold, in KiB; `None` where there is no /proc, or it was too fast.
fn peak_memory(command: &mut Command) -> Result<Option<u64>, Box<dyn Error>> {
    let mut child: Child = command.spawn()?;
    let mut peak = None;
    while child.try_wait()?.is_none() {
        peak = peak.max(memory::peak(child.id()));
    }
    Ok(peak)
}

fn milliseconds(time: Option<Duration>) -> String {
    format!("{:.1} ms", time.unwrap_or_default().as_secs_f64() * 1000.0)
}
