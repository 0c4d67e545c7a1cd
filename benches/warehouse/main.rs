//! How long the tables take to build and to refresh, beside the plain way to write them and beside the least
//! that the server can do.
//!
//! `cargo bench --bench warehouse` starts a Postgres, makes landed rows and prints Markdown tables;
//! `-- --rows 10000000` (or `-- --full`) is the size that `benches/README.md` records.

mod build;
mod data;
mod depth;
#[path = "../memory.rs"]
mod memory;
mod plain;
mod refresh;
mod report;
#[path = "../../tests/support/mod.rs"]
mod support;
mod warehouse;

use data::Sizes;
use support::postgres::{Options, Server};
use warehouse::{Outcome, Warehouse};

/// The same for all sides. What is not here is as Postgres comes, or the tests' harness says.
const SETTINGS: [&str; 5] = [
    "work_mem=64MB",
    "maintenance_work_mem=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=30min",
    "jit=off",
];

/// What was asked for.
struct Arguments {
    /// Rows of `id_graph_updates`.
    rows: u64,
    /// How often each measurement is made.
    runs: u64,
    /// Sections to measure; all when empty.
    only: Vec<String>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let mut all = std::env::args().skip(1).peekable();
        // `cargo test --all-targets` runs this too, without the argument: then it only has to work.
        let is_bench = std::env::args().any(|argument| argument == "--bench");
        let (rows, runs) = if is_bench { (500_000, 3) } else { (2_000, 1) };
        let mut arguments = Self { rows, runs, only: Vec::new() };
        while let Some(argument) = all.next() {
            let mut value = || all.next().ok_or(format!("{argument} wants a value"));
            match argument.as_str() {
                "--rows" => arguments.rows = value()?.parse()?,
                "--runs" => arguments.runs = value()?.parse()?,
                "--only" => arguments.only.push(value()?),
                // Runs that take minutes differ less than short ones.
                "--full" => (arguments.rows, arguments.runs) = (10_000_000, 1),
                "--bench" => {}
                other => return Err(format!(
                    "no argument {other}: --rows N, --runs N, --full, --only build|refresh|depth"
                )
                .into()),
            }
        }
        arguments.rows = arguments.rows.max(2_000);
        arguments.runs = arguments.runs.max(1);
        Ok(arguments)
    }

    fn wants(&self, section: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == section)
    }
}

/// MiB: a quarter of the machine's memory, which Postgres' manual calls a reasonable start.
fn shared_buffers() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    (kib.unwrap_or(8 << 20) / 1024 / 4).max(128)
}

fn main() -> Outcome<()> {
    let arguments = Arguments::read()?;
    let given;
    let made;
    let server = if std::env::var_os("IDGRAPH_TEST_POSTGRES_URL").is_some() {
        given = Server::shared();
        given
    } else {
        let mut settings = SETTINGS.map(str::to_owned).to_vec();
        settings.push(format!("shared_buffers={}MB", shared_buffers()));
        made = Server::private(Options { settings, ..Options::default() });
        &made
    };
    println!("# Warehouse: {} rows of id_graph_updates, {} runs\n", arguments.rows, arguments.runs);
    report::machine(&mut support::postgres::Database::on(server).client())?;
    println!("- median (fastest–slowest); sides alternate");
    let mut memory = None;
    if arguments.wants("build") || arguments.wants("refresh") {
        let sizes = Sizes { graph: arguments.rows, traits: 20 };
        let mut warehouse = Warehouse::new(server, sizes, &sizes.history())?;
        if arguments.wants("build") {
            memory = memory.max(build::measure(server, &arguments, &mut warehouse)?);
        }
        if arguments.wants("refresh") {
            memory = memory.max(refresh::measure(server, &arguments, warehouse)?);
        }
    }
    if arguments.wants("depth") {
        memory = memory.max(depth::measure(server, &arguments)?);
    }
    report::section(
        "Memory",
        "Of the process `idgraph` in any run above.",
        &["peak", "target", ""],
    );
    let mib = memory.map(|kib| kib as f64 / 1024.0);
    let peak = mib.map_or("not seen".to_owned(), |mib| format!("{mib:.1} MiB"));
    let verdict = mib.map_or(String::new(), |mib| report::at_most(mib, 50.0));
    report::row(&[peak.as_str(), "≤ 50 MiB", &verdict]);
    Ok(())
}
