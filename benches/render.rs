//! How long idgraph takes to start and to render, as a user waits for it: the whole process, from spawn to exit.
//!
//! `cargo bench --bench render` prints a Markdown table. `benches/README.md` records one.

mod memory;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The project that is rendered: every kind of setting, four dialects.
const PROJECT: &str = include_str!("../tests/rendered/idgraph.yml");

/// Runs before the measured ones, so that the binary is in the page cache.
const WARM_UP: usize = 5;

/// Runs that are measured.
const RUNS: usize = 30;

/// Runs whose memory is watched. Watching takes a core, so these are not timed.
const WATCHED: usize = 30;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --all-targets` runs this too, without the argument and without optimization: once is enough then.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (warm_up, runs, watched) = if is_bench { (WARM_UP, RUNS, WATCHED) } else { (0, 1, 1) };
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("idgraph.yml");
    fs::write(&project, PROJECT)?;
    let kept = folder.path().join("kept");

    println!("| command | min | median | max | peak memory |");
    println!("| --- | --: | --: | --: | --: |");
    let measure = |what: &str, command: &mut dyn FnMut(usize) -> Command| {
        let mut count = 0;
        let mut next = || {
            count += 1;
            command(count)
        };
        for _ in 0..warm_up {
            time(&mut next())?;
        }
        let mut times = Vec::new();
        for _ in 0..runs {
            times.push(time(&mut next())?);
        }
        times.sort();
        let mut memory = None;
        for _ in 0..watched {
            memory = memory.max(peak_memory(&mut next())?);
        }
        let memory =
            memory.map_or("not seen".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
        let (min, median, max) = (times.first(), times.get(times.len() / 2), times.last());
        let [min, median, max] = [min, median, max].map(|time| milliseconds(time.copied()));
        println!("| {what} | {min} | {median} | {max} | {memory} |");
        Ok::<(), Box<dyn Error>>(())
    };
    measure("`idgraph --version`", &mut |_| idgraph(&["--version"]))?;
    measure("`idgraph render`, every file new", &mut |count| {
        render(&project, &folder.path().join(format!("new-{count}")))
    })?;
    measure("`idgraph render`, nothing to change", &mut |_| render(&project, &kept))?;
    Ok(())
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
