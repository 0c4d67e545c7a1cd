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
    let measure =
        |what: &str, command: &mut dyn FnMut(usize) -> Command| measure(what, runs, command);
    measure("`idgraph --version`", &mut |_| idgraph(&["--version"]))?;
    measure("`idgraph render`, every file new", &mut |count| {
        render(&project, &folder.path().join(format!("new-{count}")))
    })?;
    measure("`idgraph render`, nothing to change", &mut |_| render(&project, &kept))?;
    // How it grows: a usual project in every dialect, then one dialect and ever more of everything.
    let sizes: &[(u32, u32, u32)] = match is_bench {
        true => &[(50, 100, 20), (50, 500, 50), (500, 1_000, 50), (500, 2_000, 50)],
        false => &[(5, 5, 5)],
    };
    for (number, size) in sizes.iter().enumerate() {
        let (traits, events, properties) = *size;
        let dialects = if number == 0 { all_dialects()?.join(", ") } else { "postgres".to_owned() };
        let project = folder.path().join(format!("size-{number}.yml"));
        fs::write(&project, project_of(*size, &dialects))?;
        let what = format!(
            "`idgraph render`, {traits} traits, {events} events of {properties} properties, {}",
            if number == 0 { "every dialect" } else { "one dialect" }
        );
        measure(&what, &mut |_| render(&project, &folder.path().join(format!("size-{number}"))))?;
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

/// A project of some size, its models as they come and a view for each event.
fn project_of((traits, events, properties): (u32, u32, u32), dialects: &str) -> String {
    let types = |number: u32| ["varchar", "integer", "float"][number as usize % 3];
    let mut text = format!("space: acme\ndialects: [{dialects}]\ntraits:\n  columns:\n");
    for number in 0..traits {
        text += &format!("    trait_{number}: {}\n", types(number));
    }
    text += "models:\n  resolved_events: { materialized: view }\nevents:\n";
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
