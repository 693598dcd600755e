//! What the kernel says of the machine and of a process. Linux.

use anyhow::{Context, Result};
use std::fs;

/// CPU seconds that a process has used with all its threads, user and system.
///
/// # Errors
/// Where there is no such process.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("no such process")?;
    ticks(&stat).map(|ticks| ticks as f64 / TICKS_PER_SECOND).context("an unknown form of /proc/PID/stat")
}

/// User and system time: fields 14 and 15. The name, field 2, may hold spaces: count from behind its bracket.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Memory of a process in KiB: resident (RSS), and its proportional share (PSS).
///
/// # Errors
/// Where there is no such process.
pub fn memory_kib(pid: u32) -> Result<(u64, u64)> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("no such process")?;
    let field = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    field("Rss:").zip(field("Pss:")).context("an unknown form of smaps_rollup")
}

/// Flushes (fsyncs that reached a disk) of all disks of the machine since it started; none where the kernel does not count.
#[must_use]
pub fn disk_flushes() -> Option<u64> {
    let stats = fs::read_to_string("/proc/diskstats").ok()?;
    // Of a disk and not its partitions: only a whole disk flushes.
    stats.lines().map(flushes).sum()
}

/// Field 19, since Linux 5.5.
fn flushes(line: &str) -> Option<u64> {
    line.split_whitespace().nth(18)?.parse().ok()
}

/// One line about the machine as it is now: cores, load average, what cargo profile this tool was built with.
#[must_use]
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    format!("{cores} cores, load average {}, {profile} build", load_average())
}

/// Of 1, 5 and 15 minutes.
#[must_use]
pub fn load_average() -> String {
    let all = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    all.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// `USER_HZ`, which Linux shows to programs on every architecture we build for.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        assert_eq!(ticks("7 (a) b (c) R 1 1 1 0 -1 4194304 100 0 0 0 30 12 0 0 20 0"), Some(42));
        assert_eq!(ticks("7 (short) R 1"), None);
    }

    #[test]
    fn flushes_are_the_last_but_one_field_and_unknown_on_an_old_kernel() {
        let line = "254 0 vda 568595 58539 35615522 1664613 364579 141799 49275632 518341 0 130896 2192426 17725 64 6765584 7806 12759 1664";
        assert_eq!(flushes(line), Some(12_759));
        assert_eq!(flushes("254 0 vda 1 2 3 4 5 6 7 8 9 10 11"), None);
    }

    #[test]
    fn this_process_has_memory() {
        let (rss, pss) = memory_kib(std::process::id()).unwrap();
        assert!(rss >= pss && pss > 0);
    }
}
