//! Markdown: tables of medians and ratios, and what they were measured on.

use std::fs;

use postgres::Client;

/// Server settings that decide how fast it is.
const SETTINGS: [&str; 12] = [
    "server_version",
    "shared_buffers",
    "work_mem",
    "hash_mem_multiplier",
    "maintenance_work_mem",
    "max_wal_size",
    "wal_level",
    "fsync",
    "full_page_writes",
    "jit",
    "max_parallel_workers_per_gather",
    "lc_collate",
];

/// Prints a section's title and what stands under it.
pub fn section(title: &str, about: &str, columns: &[&str]) {
    println!("\n## {title}\n\n{about}\n");
    row(columns);
    let lines: Vec<_> =
        (0..columns.len()).map(|index| if index == 0 { "---" } else { "--:" }).collect();
    row(&lines);
}

/// Prints a row of a table.
pub fn row(cells: &[impl AsRef<str>]) {
    let cells: Vec<_> = cells.iter().map(AsRef::as_ref).collect();
    println!("| {} |", cells.join(" | "));
}

/// The middle one of some times; of an even number the later of the two.
pub fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `12.34 s (11.90–13.02)`: the median, the fastest and the slowest.
pub fn seconds(times: &[f64]) -> String {
    let (least, most) = (
        times.iter().copied().fold(f64::INFINITY, f64::min),
        times.iter().copied().fold(0.0, f64::max),
    );
    format!("{:.2} s ({least:.2}–{most:.2})", median(times))
}

/// Whether a target is met; where not, by how much it is missed.
pub fn at_least(value: f64, target: f64) -> String {
    verdict(value >= target, target / value)
}

/// Whether something stays under its target.
pub fn at_most(value: f64, target: f64) -> String {
    verdict(value <= target, value / target)
}

fn verdict(is_met: bool, off: f64) -> String {
    if is_met { "met".to_owned() } else { format!("missed, {off:.2} times off") }
}

/// Prints the machine.
pub fn computer() {
    let of = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
        line.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
    let memory = of("/proc/meminfo", "MemTotal");
    println!(
        "- {}, {cores} cores, {memory} of memory; load when started: {load}",
        of("/proc/cpuinfo", "model name")
    );
}

/// Prints the machine and the server.
pub fn machine(client: &mut Client) -> Result<(), postgres::Error> {
    computer();
    let mut settings = Vec::new();
    for name in SETTINGS {
        let value: Option<String> =
            client.query_one("SELECT current_setting($1, true)", &[&name])?.get(0);
        settings.push(format!("{name} {}", value.unwrap_or_else(|| "unknown".to_owned())));
    }
    println!("- Postgres: {}", settings.join(", "));
    Ok(())
}
