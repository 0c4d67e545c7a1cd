//! How long `idgraph diff`, `idgraph lint` and `idgraph docs` take as events become many, as a user waits for them: the whole
//! process, from spawn to exit.
//!
//! `cargo bench --bench review` prints a Markdown table; `benches/README.md` records one.

#[path = "warehouse/report.rs"]
#[allow(dead_code, reason = "the benchmark of the warehouse uses all of it")]
mod report;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Track events, each with five properties.
const EVENTS: [usize; 3] = [500, 2_000, 5_000];

/// How often each command runs, and how often before it is timed.
const RUNS: (usize, usize) = (7, 1);

/// The most seconds that a diff may take, with the most events.
const TARGET: f64 = 2.0;

fn main() -> Outcome<()> {
    // `cargo test --all-targets` runs this too, without the argument and without optimization: a small one is enough then.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (events, (runs, warm_up)) = if is_bench { (&EVENTS[..], RUNS) } else { (&[3][..], (1, 0)) };
    report::computer();
    println!("- {runs} runs: median (fastest–slowest)");
    let columns = [
        "events",
        "`diff`, no difference",
        "`diff`, one event differs",
        "`diff`, one trait is added",
        "",
        "`lint`",
        "`docs`",
    ];
    report::section("Review", "Two dialects, a view for each event.", &columns);
    for count in events {
        let folder = tempfile::tempdir()?;
        let text = project(*count);
        let before = write(folder.path(), "before", &text)?;
        let same = write(folder.path(), "same", &text)?;
        let first = "Event 0: { properties: { total: float";
        let event = write(
            folder.path(),
            "event",
            &text.replace(first, "Event 0: { properties: { total: integer"),
        )?;
        let added = write(
            folder.path(),
            "trait",
            &text.replace("    plan: varchar\n", "    is_vip: boolean\n    plan: varchar\n"),
        )?;
        let diff = |after: &Path, code| {
            let before = before.display().to_string();
            times(runs, warm_up, || idgraph(after, &["diff", "--base", &before], code))
        };
        let diffs = [diff(&same, 0)?, diff(&event, 1)?, diff(&added, 1)?];
        let slowest = diffs.iter().map(|times| report::median(times)).fold(0.0, f64::max);
        let is_last = Some(count) == events.last();
        let verdict = if is_last { report::at_most(slowest, TARGET) } else { String::new() };
        let lint = times(runs, warm_up, || idgraph(&same, &["lint"], 0))?;
        let docs = times(runs, warm_up, || {
            // Into an empty folder each time.
            let out = tempfile::tempdir_in(folder.path())?;
            idgraph(&same, &["docs", "--out", &out.path().display().to_string()], 0)
        })?;
        let [none, one, trait_added] = diffs.map(|times| report::seconds(&times));
        report::row(&[
            count.to_string(),
            none,
            one,
            trait_added,
            verdict,
            report::seconds(&lint),
            report::seconds(&docs),
        ]);
    }
    Ok(())
}

/// Seconds that a command takes, some runs after the first ones.
fn times(runs: usize, warm_up: usize, run: impl Fn() -> Outcome<f64>) -> Outcome<Vec<f64>> {
    let all: Outcome<Vec<f64>> = (0..warm_up + runs).map(|_| run()).collect();
    Ok(all?.split_off(warm_up))
}

/// A project with so many events.
fn project(events: usize) -> String {
    let event = |at| {
        format!(
            "  Event {at}: {{ properties: {{ total: float, currency: varchar, note: varchar, is_gift: boolean, count: integer }} }}\n"
        )
    };
    let events: String = (0..events).map(event).collect();
    format!(
        "space: acme\ndialects: [postgres, snowflake]\ntraits:\n  columns:\n    email: varchar\n    plan: varchar\n\
         models:\n  resolved_events: {{}}\nevents:\n{events}"
    )
}

fn write(folder: &Path, name: &str, text: &str) -> Outcome<PathBuf> {
    let folder = folder.join(name);
    fs::create_dir(&folder)?;
    fs::write(folder.join("idgraph.yml"), text)?;
    Ok(folder)
}

/// Runs idgraph in a folder, which is to end with this code; the seconds that it took.
fn idgraph(folder: &Path, arguments: &[&str], code: i32) -> Outcome<f64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
    command.current_dir(folder).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let time = start.elapsed().as_secs_f64();
    if status.code() == Some(code) {
        Ok(time)
    } else {
        Err(format!("{command:?}: {status}").into())
    }
}
