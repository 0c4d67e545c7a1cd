//! How much memory a process held at most, as the kernel counts it.

use std::fs;

/// The most memory that a running process has held so far, in KiB; `None` where there is no /proc, or it has ended.
///
/// The kernel keeps the maximum, but only until the process ends: what the last moments add is missed.
pub fn peak(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let size = line.split_whitespace().next()?.parse().ok();
    // A process that is not idgraph yet has none.
    size.filter(|size| *size > 0)
}
